package web

import (
	"context"
	"net/http"
	"testing"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// countingStore counts how often keys and members are read outside
// transactions.
type countingStore struct {
	workspace.Store
	keys, members int
}

func (s *countingStore) Key(ctx context.Context, l workspace.KeyLookup) (workspace.ListedKey, error) {
	s.keys++
	return s.Store.Key(ctx, l)
}

func (s *countingStore) Member(ctx context.Context, workspaceID, userID string) (workspace.Member, error) {
	s.members++
	return s.Store.Member(ctx, workspaceID, userID)
}

// TestKeyPagesReadEachRowOnce counts the reads for the pages of a key. The
// session is read before, and not counted.
func TestKeyPagesReadEachRowOnce(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	key := s.newKey(t, "acme", workspace.NewKey{Name: "CI"})
	db, err := store.Open(t.Context(), s.database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	counted := &countingStore{Store: db}
	s.service = workspace.NewService(counted, workspace.Config{})
	for _, path := range []string{paths.Key(key.ID), paths.RotateKey(key.ID), paths.RevokeKey(key.ID)} {
		counted.keys, counted.members = 0, 0
		dana.get(path).want(http.StatusOK, "CI")
		if counted.keys != 1 || counted.members != 1 {
			t.Errorf("%s: the key is read %d times and the member %d times", path, counted.keys, counted.members)
		}
	}
}

func TestDisabledKeySaysWhoDisabledIt(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	path := paths.Key(s.newKey(t, "acme", workspace.NewKey{Name: "CI"}).ID)
	admin := s.newMember(t, workspace.RoleAdmin)
	admin.submit(admin.get(path), "Disable", nil)
	dana.get(path).want(http.StatusOK, "Disabled just now by admin")
}

// TestEnableIsOfferedForDisabledKeys checks the bulk actions that the list
// offers.
func TestEnableIsOfferedForDisabledKeys(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	key := s.newKey(t, "acme", workspace.NewKey{Name: "CI"})
	if dana.get(paths.Keys).hasButton("Enable…") {
		t.Error("Enable is offered for a key that is enabled")
	}
	dana.post(paths.DisableKey(key.ID), nil)
	if !dana.get(paths.Keys).hasButton("Enable…") {
		t.Error("Enable is not offered for a key that is disabled")
	}
	auditor := s.newMember(t, workspace.RoleAuditor)
	if auditor.get(paths.Keys).hasButton("Enable…") {
		t.Error("Enable is offered to an auditor")
	}
}
