package store_test

import (
	"errors"
	"testing"

	"github.com/keylodge/keylodge/workspace"
)

// TestLostCommits takes the newest change back, as a failover that was not synchronous does, and makes another in
// its place: who has seen the lost one must be told to load everything anew.
func TestLostCommits(t *testing.T) {
	eachEngine(t, func(t *testing.T, dsn string) {
		s := migrated(t, dsn)
		add := func(n string) int64 {
			t.Helper()
			w := workspace.Workspace{ID: "ws_" + n, Slug: "slug-" + n, Name: n}
			w.CreatedAt = w.CreatedAt.AddDate(2000, 0, 0)
			if err := s.Change(t.Context(), func(tx workspace.ChangeTx) error { return tx.InsertWorkspace(t.Context(), w) }); err != nil {
				t.Fatal(err)
			}
			number, err := s.ChangeNumber(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return number
		}
		kept := add("1")
		lost := add("2")
		meddle(t, dsn, `DELETE FROM workspaces WHERE id = 'ws_2'`)
		meddle(t, dsn, `DELETE FROM changes WHERE subject_id = 'ws_2'`)
		meddle(t, dsn, `UPDATE change_counter SET number = (SELECT MAX(number) FROM changes)`)
		for _, n := range []string{"3", "4"} { // the first has the count of the lost one
			if add(n) == lost {
				t.Error("a lost number is used again")
			}
			if _, err := s.FactsSince(t.Context(), lost, nothing{}); !errors.Is(err, workspace.ErrChangesGone) {
				t.Errorf("since a lost number: %v", err)
			}
			if _, err := s.FactsSince(t.Context(), kept, nothing{}); err != nil {
				t.Errorf("since a number that was kept: %v", err)
			}
		}
	})
}
