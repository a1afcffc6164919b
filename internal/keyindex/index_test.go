package keyindex_test

import (
	"context"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// installation is a database with a workspace, and an index on it.
type installation struct {
	*testing.T
	path    string // or the URL of the database
	db      *store.Store
	service *workspace.Service
	index   *keyindex.Index
	acme    workspace.Actor // the operator, in the first workspace
}

var client = netip.MustParseAddr("203.0.113.7")

func install(t *testing.T) *installation {
	return installAt(t, filepath.Join(t.TempDir(), "keylodge.db"))
}

func installAt(t *testing.T, dsn string) *installation {
	in := &installation{T: t, path: dsn}
	in.db = in.open()
	if _, err := in.db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	in.service = workspace.NewService(in.db, workspace.Config{})
	w, _, err := in.service.CreateWorkspace(
		t.Context(),
		workspace.NewWorkspace{Name: "Acme", Slug: "acme", OwnerEmail: "dana@acme.example"},
	)
	if err != nil {
		t.Fatal(err)
	}
	in.acme = workspace.Operator
	in.acme.WorkspaceID = w.ID
	in.openIndex()
	return in
}

// openIndex loads the index, as a start does.
func (in *installation) openIndex() {
	var err error
	patient := keyindex.Options{VerifyTimeout: 10 * time.Second}
	if in.index, err = keyindex.Open(in.Context(), in.db, patient); err != nil {
		in.Fatal(err)
	}
}

// open opens the database as another process would.
func (in *installation) open() *store.Store {
	db, err := store.Open(in.Context(), in.path)
	if err != nil {
		in.Fatal(err)
	}
	in.Cleanup(func() { db.Close() })
	return db
}

func (in *installation) add(s *workspace.Service, expires string) (workspace.Key, secret.Secret) {
	key, keySecret, err := s.AddKeyFor(
		in.Context(),
		in.acme,
		"dana@acme.example",
		workspace.NewKey{Name: "CI", Expires: expires},
	)
	if err != nil {
		in.Fatal(err)
	}
	return key, keySecret
}

func (in *installation) expect(
	keySecret secret.Secret,
	slug string,
	at time.Time,
	want workspace.Decision,
) keyindex.Result {
	in.Helper()
	return in.expectOf(
		keyindex.Request{
			Secret:  keySecret,
			Slug:    slug,
			Agent:   "curl/8.1",
			Attempt: workspace.Attempt{Now: at, IP: client},
		},
		want,
	)
}

func (in *installation) expectOf(q keyindex.Request, want workspace.Decision) keyindex.Result {
	in.Helper()
	view, err := in.index.Current(in.Context())
	if err != nil {
		in.Error(err)
		return keyindex.Result{}
	}
	a := view.Verify(q)
	if a.Decision != want {
		in.Errorf("%s, want %s", a.Decision, want)
	}
	return a
}

func TestCheckFollowsTheKeysLife(t *testing.T) {
	in := install(t)
	key, keySecret := in.add(in.service, "30d")
	now := time.Now()
	id := in.expect(keySecret, "", now, workspace.DecisionValid)
	if string(workspace.AppendKeyID(nil, id.KeyID)) != key.ID || id.KeyName != "CI" ||
		id.Owner.Workspace.Slug != "acme" ||
		id.Owner.Role != workspace.RoleOwner {
		t.Errorf("identity %+v of %s", id, key.ID)
	}
	in.expect(keySecret, "acme", now, workspace.DecisionValid)
	in.expect(keySecret, "other", now, workspace.DecisionNotFound)
	in.expect(secret.New("kl"), "", now, workspace.DecisionNotFound)
	in.expect(keySecret, "", key.ExpiresAt.Add(-time.Microsecond), workspace.DecisionValid)
	in.expect(keySecret, "", key.ExpiresAt, workspace.DecisionExpired)
	if _, err := in.service.RevokeKey(t.Context(), in.acme, key.ID, workspace.ReasonNone); err != nil {
		t.Fatal(err)
	}
	in.expect(keySecret, "", now, workspace.DecisionRevoked)
}

// A key has its owner's access: what the owner is now, not what they were when
// it was made.
func TestCheckFollowsTheOwner(t *testing.T) {
	in := install(t)
	_, err := in.service.AddMember(t.Context(), in.acme, "", "mei@acme.example", "", workspace.RoleOwner)
	if err != nil {
		t.Fatal(err)
	}
	_, secret := in.add(in.service, "never")
	set := func(role workspace.Role, active bool) {
		t.Helper()
		_, err := in.service.ChangeMemberByEmail(
			t.Context(),
			in.acme,
			"dana@acme.example",
			func(m *workspace.Member) { m.Role, m.Active = role, active },
		)
		if err != nil {
			t.Fatal(err)
		}
	}
	set(workspace.RoleAuditor, true)
	if id := in.expect(secret, "", time.Now(), workspace.DecisionValid); id.Owner.Role != workspace.RoleAuditor {
		t.Errorf("the key is still %s", id.Owner.Role)
	}
	set(workspace.RoleAuditor, false)
	in.expect(secret, "", time.Now(), workspace.DecisionOwnerInactive)
	set(workspace.RoleAdmin, true)
	if id := in.expect(secret, "", time.Now(), workspace.DecisionValid); id.Owner.Role != workspace.RoleAdmin {
		t.Errorf("the key is %s", id.Owner.Role)
	}
}

// What another process commits counts from the moment that it is acknowledged
// there.
func TestCheckSeesOtherProcesses(t *testing.T) {
	in := install(t)
	elsewhere := workspace.NewService(in.open(), workspace.Config{})
	for range 50 {
		key, secret := in.add(elsewhere, "never")
		in.expect(secret, "", time.Now(), workspace.DecisionValid)
		if _, err := elsewhere.RevokeKey(t.Context(), in.acme, key.ID, workspace.ReasonNone); err != nil {
			t.Fatal(err)
		}
		in.expect(secret, "", time.Now(), workspace.DecisionRevoked)
	}
}

func TestConcurrentChecksAndChanges(t *testing.T) {
	in := install(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				key, secret := in.add(in.service, "never")
				in.expect(secret, "", time.Now(), workspace.DecisionValid)
				if _, err := in.service.RevokeKey(in.Context(), in.acme, key.ID, workspace.ReasonNone); err != nil {
					in.Error(err)
				}
				in.expect(secret, "", time.Now(), workspace.DecisionRevoked)
			}
		})
	}
	all.Wait()
}

func TestCheckFailsClosedWithoutTheDatabase(t *testing.T) {
	in := install(t)
	in.db.Close()
	if _, err := in.index.Current(t.Context()); workspace.KindOf(err) != workspace.Unavailable {
		t.Error(err)
	}
}

func TestUsesAreFlushed(t *testing.T) {
	in := install(t)
	key, secret := in.add(in.service, "never")
	first := time.Now().Truncate(time.Microsecond).UTC()
	in.expect(secret, "", first.Add(time.Second), workspace.DecisionValid)
	in.expect(secret, "", first, workspace.DecisionValid) // arrives late, and does not count back
	want := workspace.Use{At: first.Add(time.Second), IP: client, Agent: "curl"}
	if use, ok := in.index.LastUse(key.ID); !ok || use != want {
		t.Errorf("before the flush: %v %v", use, ok)
	}
	stored := func() workspace.Use {
		k, err := in.db.Key(t.Context(), workspace.KeyLookup{WorkspaceID: key.WorkspaceID, ID: key.ID})
		if err != nil {
			t.Fatal(err)
		}
		return k.LastUse
	}
	if use := stored(); !use.At.IsZero() {
		t.Errorf("a check wrote to the database: %v", use)
	}
	if err := in.index.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if use := stored(); use != want {
		t.Errorf("after the flush: %v, want %v", use, want)
	}
	// A page that read its rows before the flush asks for what it missed after
	// it.
	if use, ok := in.index.LastUse(key.ID); !ok || use != want {
		t.Errorf("just after the flush: %v %v", use, ok)
	}
	if err := in.index.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok := in.index.LastUse(key.ID); ok {
		t.Error("the use is kept for ever")
	}
}

func TestLastUseOutlivesItsHour(t *testing.T) {
	in := install(t)
	key, secret := in.add(in.service, "30d")
	last := key.ExpiresAt.Add(-time.Minute)
	in.expect(secret, "", last, workspace.DecisionValid)
	in.expect(secret, "", last.Add(2*time.Hour), workspace.DecisionExpired)
	if use, ok := in.index.LastUse(key.ID); !ok || !use.At.Equal(last) {
		t.Errorf("last used %v, %v", use, ok)
	}
}

func TestUsesSurviveAFailedFlush(t *testing.T) {
	in := install(t)
	key, secret := in.add(in.service, "never")
	in.expect(secret, "", time.Now(), workspace.DecisionValid)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := in.index.Flush(ended); err == nil {
		t.Fatal("a flush without time worked")
	}
	if _, ok := in.index.LastUse(key.ID); !ok {
		t.Error("the use is lost")
	}
	if err := in.index.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}
