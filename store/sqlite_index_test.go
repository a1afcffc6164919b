package store_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// A page is a walk along an index of its own, whatever else the workspace
// holds: no plan sorts more than a page, reads past other members' keys, or
// counts rows of the table.
func TestSQLitePagesWalkTheirIndexes(t *testing.T) {
	t.Parallel()
	index := map[workspace.KeyState]string{
		workspace.KeyActive: "keys_unrevoked", workspace.KeyExpired: "keys_expiring",
		workspace.KeyRevoked: "keys_revoked",
	}
	place := workspace.KeyCursor{At: time.Unix(1, 0), ID: "key_00000000000000000000"}
	back := workspace.KeyCursor{At: place.At, ID: place.ID, Before: true}
	for owner, suffix := range map[string]string{"": " (", "usr_1": "_of_owner (workspace_id=? AND owner_id=?"} {
		q := workspace.KeyQuery{WorkspaceID: "ws_1", OwnerID: owner, Now: time.Unix(2, 0), Limit: 20}
		for _, q.State = range workspace.KeyStates {
			for _, q.From = range []workspace.KeyCursor{{}, place, back} {
				wantPlans(t, "SEARCH keys USING INDEX "+index[q.State]+suffix, func(s *store.Store) error {
					_, err := s.Keys(t.Context(), q)
					return err
				})
			}
		}
		wantPlans(t, "SEARCH keys USING COVERING INDEX keys_expiring"+suffix, func(s *store.Store) error {
			_, err := s.KeyCounts(t.Context(), q)
			return err
		})
	}
}

// So is a page in any other order, and one of the keys that an admin looks for.
func TestSQLiteOrdersAndFiltersWalkTheirIndexes(t *testing.T) {
	t.Parallel()
	at := time.Unix(1, 0)
	for _, c := range []struct {
		order workspace.KeyOrder
		plan  string
		text  string // of a cursor
	}{
		{workspace.SortByName, "SEARCH keys USING INDEX keys_by_name", "x"},
		{workspace.SortByOwner, "SEARCH keys USING INDEX keys_by_owner", "x"},
		{workspace.SortByExpiry, "SEARCH keys USING INDEX keys_by_expiry", ""},
		{workspace.SortByUse, "SEARCH lu USING COVERING INDEX last_uses_in_order", ""},
	} {
		for _, state := range []workspace.KeyState{workspace.KeyActive, workspace.KeyRevoked} {
			for _, order := range []workspace.KeyOrder{c.order, "-" + c.order} {
				for _, from := range []workspace.KeyCursor{{}, {At: at, Text: c.text, ID: "key_00000000000000000000"}} {
					wantPlans(t, c.plan, func(s *store.Store) error {
						_, err := s.Keys(t.Context(), workspace.KeyQuery{
							WorkspaceID: "ws_1", State: state, Order: order, Now: at, Limit: 20, From: from,
							Text: "x", UnusedSince: at,
						})
						return err
					})
				}
			}
		}
	}
	for want, q := range map[string]workspace.KeyQuery{
		"SEARCH keys USING INDEX keys_with_full_access (": {FullAccess: true},
		"SEARCH keys USING INDEX keys_restricted (":       {Restricted: true},
	} {
		q.WorkspaceID, q.State, q.Now, q.Limit = "ws_1", workspace.KeyActive, at, 20
		wantPlans(t, want, func(s *store.Store) error {
			_, err := s.Keys(t.Context(), q)
			return err
		})
	}
}

// So is a page of the audit log, whatever it is narrowed to, between which days
// and however deep. Of two filters by whom and about what, one is walked along.
func TestSQLiteAuditLogWalksItsIndexes(t *testing.T) {
	t.Parallel()
	for words, filter := range map[string]workspace.EventQuery{
		"events_of_workspace (workspace_id=?":              {},
		"events_by_action (workspace_id=? AND action=?":    {Action: workspace.ActionKeyAdded},
		"events_by_actor (workspace_id=? AND actor_id=?":   {ActorID: "usr_1"},
		"events_by_target (workspace_id=? AND target_id=?": {TargetID: "key_1"},
		"events_by_actor_and_action (workspace_id=? AND actor_id=? AND action=?": {ActorID: "usr_1",
			Action: workspace.ActionKeyAdded},
		"events_by_target_and_action (workspace_id=? AND target_id=? AND action=?": {TargetID: "key_1",
			Action: workspace.ActionKeyAdded},
	} {
		for days, bounds := range map[string][2]time.Time{
			")": {}, " AND at>? AND at<?)": {time.Unix(1, 0), time.Unix(2, 0)},
		} {
			filter := filter
			filter.WorkspaceID, filter.Limit, filter.From, filter.To = "ws_1", 51, bounds[0], bounds[1]
			wantPlans(t, "SEARCH events USING INDEX "+words+days, func(s *store.Store) error {
				_, err := s.Events(t.Context(), filter)
				return err
			})
		}
		deep := filter
		deep.WorkspaceID, deep.Limit, deep.To, deep.After = "ws_1", 51, time.Unix(1<<40, 0), "evt_ws_1_1"
		s := migrated(t, filepath.Join(t.TempDir(), "keylodge.db"))
		addEvents(t, s, "ws_1", 1, 1)
		if _, err := s.Events(t.Context(), deep); err != nil {
			t.Fatal(err)
		}
		plans, err := s.Plans(t.Context())
		if all := strings.Join(plans, ""); err != nil || !strings.Contains(all, words) ||
			!strings.Contains(all, "(at,id)<(?,?)") {
			t.Errorf("deep in it the plans are\n%s%v", all, err)
		}
	}
}

// wantPlans fails the test unless every statement that ask runs has the words
// in its plan, and sorts nothing before it.
func wantPlans(t *testing.T, words string, ask func(*store.Store) error) {
	t.Helper()
	s := migrated(t, filepath.Join(t.TempDir(), "keylodge.db"))
	if err := ask(s); err != nil {
		t.Fatal(err)
	}
	plans, err := s.Plans(t.Context())
	if err != nil || len(plans) == 0 {
		t.Fatal("no plans", err)
	}
	for _, plan := range plans {
		before, _, found := strings.Cut(plan, words)
		if !found || strings.Contains(before, "TEMP B-TREE") {
			t.Errorf("the plan is\n%swant %s", plan, words)
		}
	}
}
