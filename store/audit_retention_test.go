package store_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// keeper is a workspace whose audit log is kept for a time, on a clock that the
// test moves.
type keeper struct {
	*testing.T
	*workspace.Service
	store    *store.Store
	id       string
	operator workspace.Actor
	now      time.Time
	added    int
}

func newKeeper(t *testing.T, s *store.Store) *keeper {
	k := &keeper{T: t, store: s, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	k.Service = workspace.NewService(s, workspace.Config{Now: func() time.Time { return k.now }})
	w, _, err := k.CreateWorkspace(t.Context(),
		workspace.NewWorkspace{Name: "Acme", Slug: "acme", OwnerEmail: "dana@acme.example"})
	if err != nil {
		t.Fatal(err)
	}
	k.id, k.operator = w.ID, workspace.Operator
	k.operator.WorkspaceID = w.ID
	return k
}

// act adds n events of now.
func (k *keeper) act(n int) {
	k.Helper()
	err := k.store.Update(k.Context(), func(tx workspace.Tx) error {
		for range n {
			k.added++
			if err := tx.InsertEvent(k.Context(), workspace.Event{ID: fmt.Sprint("evt_", k.added), WorkspaceID: k.id,
				At: k.now, Action: workspace.ActionKeyAdded}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		k.Fatal(err)
	}
}

func (k *keeper) days(n int) { k.now = k.now.AddDate(0, 0, n) }

func (k *keeper) tidy() {
	k.Helper()
	if err := k.Tidy(k.Context()); err != nil {
		k.Fatal(err)
	}
}

// is fails the test unless the chain is whole, goes from one number to another,
// and that many events tell of deletions.
func (k *keeper) is(first, last int64, notes int) (told []workspace.ListedEvent) {
	k.Helper()
	if found := breaks(k.T, k.store, k.id); found != nil {
		k.Errorf("not whole: %q", found)
	}
	all, err := k.store.Events(k.Context(), workspace.EventQuery{WorkspaceID: k.id, Limit: 10_000})
	if err != nil {
		k.Fatal(err)
	}
	lowest, highest := int64(1<<62), int64(0)
	for _, e := range all {
		lowest, highest = min(lowest, e.Number), max(highest, e.Number)
		if e.Action == workspace.ActionAuditLogPruned {
			told = append(told, e)
		}
	}
	if lowest != first || highest != last || len(told) != notes {
		k.Errorf("from %d to %d with %d notes, want from %d to %d with %d", lowest, highest, len(told), first, last,
			notes)
	}
	return told
}

func TestAuditLogIsKeptForItsTime(t *testing.T) {
	eachMigrated(t, func(t *testing.T, dsn string) {
		k := newKeeper(t, migrated(t, dsn)) // which makes 2 events
		k.days(100)
		k.tidy()
		k.is(1, 2, 0) // for ever
		if err := k.SetAuditRetention(t.Context(), k.operator, 30); err != nil {
			t.Fatal(err)
		}
		k.act(10)
		k.tidy()
		note := k.is(3, 14, 1)[0] // 2 + the retention + 10 + the note
		if note.ActorKind != workspace.ActorServer || note.TargetID != k.id || note.Details["events"] != "2" ||
			note.Details["number"] != "2" ||
			note.Details["until"] != "2026-03-01T12:00:00Z" || len(note.Details["hash"]) != 64 {
			t.Errorf("%+v", note)
		}
		k.days(30)
		k.tidy()
		k.is(3, 14, 1) // whole days only
		k.days(1)
		k.tidy()
		k.is(15, 15, 1) // what tells of the last deletion goes with the next, and is told of by that
		for range 3 {
			k.days(40)
			k.tidy()
			k.is(15, 15, 1) // alone it is no reason for another
		}
		k.act(2300)
		k.days(31)
		k.act(5)
		k.tidy()
		k.is(2316, 2323, 3) // in pieces, each told of
		k.days(31)
		k.act(1)
		k.tidy()
		k.is(2324, 2325, 1)
	})
}

func TestDeletionsThatNobodyToldOf(t *testing.T) {
	for name, c := range map[string]struct {
		meddle string
		want   []string
	}{
		"more is deleted than was told": {`DELETE FROM events WHERE number = 3`, []string{"missing 1-3"}},
		"another number is told": {`UPDATE events
			SET details = REPLACE(details, '"number":"2"', '"number":"1"') WHERE action = 'audit_log.pruned'`,
			[]string{"altered", "missing 1-2"}},
		"another count is told": {`UPDATE events
			SET details = REPLACE(details, '"events":"2"', '"events":"1"') WHERE action = 'audit_log.pruned'`,
			[]string{"altered", "missing 1-2"}},
		"another hash is told": {`UPDATE events SET details = REPLACE(details, '"hash":"', '"hash":"00')
			WHERE action = 'audit_log.pruned'`, []string{"altered", "missing 1-2"}},
		"it is told by another sort": {`UPDATE events SET action = 'key.added' WHERE action = 'audit_log.pruned'`,
			[]string{"altered", "missing 1-2"}},
		"what tells is deleted": {`DELETE FROM events WHERE action = 'audit_log.pruned'`,
			[]string{"missing 7-7", "missing 1-2"}},
		"the first that is left differs": {`UPDATE events SET address = 'x' WHERE number = 3`, []string{"missing 1-2"}},
	} {
		t.Run(name, func(t *testing.T) {
			eachMigrated(t, func(t *testing.T, dsn string) {
				k := newKeeper(t, migrated(t, dsn))
				k.days(100)
				if err := k.SetAuditRetention(t.Context(), k.operator, 30); err != nil {
					t.Fatal(err)
				}
				k.act(3)
				k.tidy()
				k.act(1)
				k.is(3, 8, 1)
				meddle(t, dsn, c.meddle)
				var got []string
				if _, err := k.store.CheckChains(t.Context(), func(b workspace.Break) {
					if b.Kind == workspace.BreakAltered {
						got = append(got, string(b.Kind))
					} else {
						got = append(got, fmt.Sprintf("%s %d-%d", b.Kind, b.From, b.To))
					}
				}); err != nil || !slices.Equal(got, c.want) {
					t.Errorf("%q %v, want %q", got, err, c.want)
				}
			})
		})
	}
}

// TestOldEventsArePrunedToo deletes what is from before there were chains,
// which leaves no gap.
func TestOldEventsArePrunedToo(t *testing.T) {
	eachMigrated(t, func(t *testing.T, dsn string) {
		k := newKeeper(t, migrated(t, dsn))
		for n := range 3 {
			meddle(t, dsn, `
				INSERT INTO events (id, workspace_id, at, actor_kind, actor_id, action, target_id, details,
					address, request_id)
				VALUES ('evt_old`+strconv.Itoa(n)+`', '`+k.id+`', `+strconv.Itoa(n)+`,
					'operator', '', 'key.added', 'key_0', '{}', '', '')`)
		}
		if err := k.SetAuditRetention(t.Context(), k.operator, 30); err != nil {
			t.Fatal(err)
		}
		k.tidy()
		note := k.is(1, 4, 1)[0]
		if note.Details["events"] != "3" || note.Details["number"] != "0" || note.Details["hash"] != "" {
			t.Errorf("%v", note.Details)
		}
	})
}

func TestParseAuditDays(t *testing.T) {
	for text, want := range map[string]int{"": 0, "0": 0, "30": 30, "36500": 36500, "29": -1, "-30": -1, "x": -1,
		"36501": -1, "1e3": -1, "30.5": -1} {
		got, err := workspace.ParseAuditDays(text)
		if (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
}
