package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// addEvents adds events FROM to TO of a workspace, a minute apart, each in a
// transaction of its own.
func addEvents(t *testing.T, s *store.Store, id string, from, to int) {
	t.Helper()
	for n := from; n <= to; n++ {
		err := s.Update(t.Context(), func(tx workspace.Tx) error {
			return tx.InsertEvent(t.Context(), workspace.Event{
				ID: fmt.Sprintf("evt_%s_%d", id, n), WorkspaceID: id, At: time.Unix(int64(n)*60, 0).UTC(),
				ActorKind: workspace.ActorOperator,
				Action:    workspace.ActionKeyAdded, TargetID: fmt.Sprint("key_", n),
				Details: map[string]string{"name": "CI", "hint": "kl_1"}, IP: "192.0.2.1",
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// breaks returns the places where a workspace's chain is not whole.
func breaks(t *testing.T, s *store.Store, id string) (found []string) {
	t.Helper()
	_, err := s.CheckChains(t.Context(), func(b workspace.Break) {
		if b.Chain.WorkspaceID != id {
			return
		}
		found = append(found,
			strings.TrimSpace(
				fmt.Sprintf("%s %d-%d %s", b.Kind, b.From, b.To, strings.TrimPrefix(b.Event.ID, "evt_"+id+"_"))))
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestTamperedChains does to the rows of a chain of five what somebody with the
// database in hand can, and looks where it is found.
func TestTamperedChains(t *testing.T) {
	cases := []struct {
		name   string
		meddle []string // WS is the workspace
		want   []string
	}{
		{"left alone", nil, nil},
		{"another detail", []string{`UPDATE events SET details = '{"name":"CI","hint":"kl_2"}'
			WHERE id = 'evt_WS_3'`}, []string{"altered 3-3 3"}},
		{"details that are none", []string{`UPDATE events SET details = '{'
			WHERE id = 'evt_WS_3'`}, []string{"altered 3-3 3"}},
		{"a microsecond later", []string{`UPDATE events SET at = at + 1
			WHERE id = 'evt_WS_5'`}, []string{"altered 5-5 5"}},
		{"another actor", []string{`UPDATE events SET actor_id = 'usr_2'
			WHERE id = 'evt_WS_1'`}, []string{"altered 1-1 1"}},
		{"another hash", []string{`UPDATE events SET hash = (SELECT hash FROM audit_heads WHERE workspace_id = 'WS')
			WHERE id = 'evt_WS_3'`},
			[]string{"altered 3-3 3", "altered 4-4 4"}},
		{"the first removed", []string{`DELETE FROM events WHERE id = 'evt_WS_1'`}, []string{"missing 1-1 2"}},
		{"two removed", []string{`DELETE FROM events WHERE id IN ('evt_WS_2', 'evt_WS_3')`}, []string{"missing 2-3 4"}},
		{"the last removed", []string{`DELETE FROM events WHERE id = 'evt_WS_5'`}, []string{"missing 5-5"}},
		{"all removed", []string{`DELETE FROM events WHERE workspace_id = 'WS'`}, []string{"missing 1-5"}},
		{"taken out of the chain", []string{`UPDATE events SET number = NULL, hash = NULL
			WHERE id = 'evt_WS_3'`}, []string{"missing 3-3 4"}},
		{"one put at the end", []string{`
			INSERT INTO events SELECT 'evt_WS_6', workspace_id, 6, hash, at, actor_kind, actor_id,
				action, target_id, details, address, request_id
			FROM events WHERE id = 'evt_WS_5'`}, []string{"altered 6-6 6", "head 6-6 6"}},
		{"one put between", []string{
			`UPDATE events SET number = -number WHERE workspace_id = 'WS' AND number > 2`, `UPDATE events
				SET number = 1 - number WHERE workspace_id = 'WS' AND number < 0`, `
			INSERT INTO events SELECT 'evt_WS_x', workspace_id, 3, hash, at, actor_kind, actor_id,
				action, target_id, details, address, request_id
			FROM events WHERE id = 'evt_WS_2'`},
			[]string{"altered 3-3 x", "altered 4-4 3", "altered 5-5 4", "altered 6-6 5", "head 6-6 5"}},
		{"two swapped", []string{
			`UPDATE events SET number = -number WHERE id IN ('evt_WS_2', 'evt_WS_3')`, `UPDATE events
				SET number = 5 + number WHERE workspace_id = 'WS' AND number < 0`},
			[]string{"altered 2-2 3", "altered 3-3 2", "altered 4-4 4"}},
		{"moved to another workspace", []string{`UPDATE events SET workspace_id = 'elsewhere'
			WHERE id = 'evt_WS_5'`}, []string{"missing 5-5"}},
		{"another head", []string{`UPDATE audit_heads SET hash = (SELECT hash FROM events WHERE id = 'evt_WS_4')
			WHERE workspace_id = 'WS'`}, []string{"head 5-5 5"}},
		{"no head", []string{`DELETE FROM audit_heads WHERE workspace_id = 'WS'`}, []string{"head 5-5 5"}},
	}
	eachMigrated(t, func(t *testing.T, dsn string) {
		s := migrated(t, dsn)
		for i, c := range cases {
			id := fmt.Sprintf("ws_%02d", i)
			addEvents(t, s, id, 1, 5)
			for _, statement := range c.meddle {
				meddle(t, dsn, strings.ReplaceAll(statement, "WS", id))
			}
			if got := breaks(t, s, id); !slices.Equal(got, c.want) {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
		}
		addEvents(t, s, "ws_00", 6, 7) // and others go on
		if got := breaks(t, s, "ws_00"); got != nil {
			t.Errorf("%q", got)
		}
	})
}

// TestEventsFromBeforeChains upgrades a database that has some: they stay as
// they are, and the chain begins after them.
func TestEventsFromBeforeChains(t *testing.T) {
	eachMigrated(t, func(t *testing.T, dsn string) {
		s := migrated(t, dsn)
		meddle(t, dsn, `
			INSERT INTO events (id, workspace_id, at, actor_kind, actor_id,
				action, target_id, details, address, request_id)
			VALUES ('evt_0', 'ws_1', 0, 'operator', '', 'key.added', 'key_0', '{}', '', ''),
				('evt_1', 'ws_1', 1, 'operator', '', 'key.added', 'key_1', '{}', '', '')`)
		addEvents(t, s, "ws_1", 1, 3)
		heads, err := s.CheckChains(t.Context(), func(b workspace.Break) { t.Error(b) })
		if err != nil || len(heads) != 1 || heads[0].Number != 3 || heads[0].Events != 3 || heads[0].Unnumbered != 2 {
			t.Errorf("%+v %v", heads, err)
		}
		listed, err := s.Events(t.Context(), workspace.EventQuery{WorkspaceID: "ws_1", Limit: 10})
		if err != nil || len(listed) != 5 || listed[0].Number != 3 || listed[0].HashText() == "" ||
			listed[4].Chained() || listed[4].HashText() != "" {
			t.Errorf("%+v %v", listed, err)
		}
	})
}
