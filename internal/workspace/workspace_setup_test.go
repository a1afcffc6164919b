package workspace_test

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

func TestSetupWorksOnce(t *testing.T) {
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "keylodge.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := workspace.NewService(db, workspace.Config{})
	var tokens [2]string
	for i := range tokens { // two starts of the program: both links are good until one is used
		if tokens[i], err = s.NewSetupToken(t.Context()); err != nil || tokens[i] == "" {
			t.Fatal(tokens[i], err)
		}
	}
	form := workspace.NewWorkspace{Name: "Acme", Slug: "acme", OwnerName: "Dana", OwnerEmail: "dana@acme.example",
		OwnerPassword: password}
	_, _, err = s.SetUp(t.Context(), workspace.Actor{}, "wrong", form)
	expectKind(t, "a wrong token", err, workspace.Forbidden)
	_, _, err = s.SetUp(t.Context(), workspace.Actor{}, tokens[0], workspace.NewWorkspace{})
	expectKind(t, "an empty form", err, workspace.Invalid)
	var done, gone int
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			_, _, err := s.SetUp(t.Context(), workspace.Actor{}, tokens[i%2], form)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				done++
			case workspace.KindOf(err) == workspace.Gone:
				gone++
			default:
				t.Errorf("unexpected: %v", err)
			}
		})
	}
	all.Wait()
	if done != 1 || gone != 3 {
		t.Errorf("%d set up, %d refused", done, gone)
	}
	if token, err := s.NewSetupToken(t.Context()); token != "" || err != nil {
		t.Errorf("a token after set-up: %v", err)
	}
}
