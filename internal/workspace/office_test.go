package workspace_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

const password = "correct horse battery"

// office is a workspace with an owner, on a clock that the test moves.
type office struct {
	*testing.T
	*workspace.Service
	file  string
	db    *store.Store
	clock time.Time
	acme  workspace.Workspace
	dana  workspace.Actor // the owner

	passwords int // how many times the owner's was changed, see current
}

// officeOpens is when the clock of an office starts.
var officeOpens = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// officeFile makes the database of an office once: hashing a password and
// running the migrations takes longer than most tests.
var officeFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "office")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "keylodge.db")
	ctx := context.Background()
	db, err := store.Open(ctx, file)
	if err != nil {
		return nil, err
	}
	if _, err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s := workspace.NewService(db, workspace.Config{Now: func() time.Time { return officeOpens }})
	_, _, err = s.CreateWorkspace(ctx, workspace.NewWorkspace{
		Name: "Acme", Slug: "acme", OwnerName: "Dana Okafor", OwnerEmail: "dana@acme.example", OwnerPassword: password,
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

func newOffice(t *testing.T) *office {
	content, err := officeFile()
	if err != nil {
		t.Fatal(err)
	}
	o := &office{T: t, file: filepath.Join(t.TempDir(), "keylodge.db"), clock: officeOpens}
	if err := os.WriteFile(o.file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if o.db, err = store.Open(t.Context(), o.file); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.db.Close() })
	o.Service = workspace.NewService(o.db, workspace.Config{Now: func() time.Time { return o.clock }})
	if o.acme, err = o.WorkspaceBySlug(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	owners, err := o.db.Members(t.Context(), workspace.MemberFilter{WorkspaceID: o.acme.ID,
		People: true, Active: true, Roles: []workspace.Role{workspace.RoleOwner}, Limit: 1})
	if err != nil || len(owners) != 1 {
		t.Fatalf("%d owners, %v", len(owners), err)
	}
	o.dana = o.person(owners[0].Member)
	return o
}

func (o *office) person(m workspace.Member) workspace.Actor {
	return workspace.Actor{Kind: workspace.ActorPerson, WorkspaceID: o.acme.ID, UserID: m.UserID, ProvenAt: o.clock}
}

// session signs the owner in with their password.
func (o *office) session() workspace.SignedInSession {
	o.Helper()
	in, err := o.signIn("192.0.2.1", "dana@acme.example", password, "")
	if err != nil || in.Token == "" {
		o.Fatalf("signing in: %+v, %v", in, err)
	}
	return in
}

// row returns the row of a session that was just begun.
func (o *office) row(in workspace.SignedInSession) workspace.Session {
	o.Helper()
	session, _, err := o.Authenticate(o.Context(), o.acme.ID, in.Token)
	if err != nil {
		o.Fatal(err)
	}
	return session
}

// actorOf returns who acts in a session.
func (o *office) actorOf(in workspace.SignedInSession) workspace.Actor {
	o.Helper()
	session := o.row(in)
	return workspace.Actor{
		Kind: workspace.ActorPerson, WorkspaceID: o.acme.ID, UserID: session.UserID, ProvenAt: session.ProvenAt,
		SignedInAt:        session.CreatedAt,
		CredentialVersion: session.CredentialVersion, Proof: session.Proof, Method: session.Method,
		SessionID: session.ID(), IP: session.IP,
	}
}

// current is the owner's password after some changes of it, and other the next
// one.
func (o *office) current() string { return []string{password, newPassword}[o.passwords%2] }
func (o *office) other() string   { return []string{newPassword, password}[o.passwords%2] }

// confirm lets an actor prove by a method, just now, who they are.
func (o *office) confirm(actor *workspace.Actor, by workspace.Method) {
	o.Helper()
	user, err := o.db.User(o.Context(), workspace.UserLookup{ID: actor.UserID})
	if err != nil {
		o.Fatal(err)
	}
	actor.ProvenAt, actor.Proof, actor.CredentialVersion = o.clock, by, user.CredentialVersion
}

func (o *office) hire(email string, role workspace.Role) workspace.Actor {
	o.Helper()
	m, err := o.AddMember(o.Context(), o.dana, "", email, "", role)
	if err != nil {
		o.Fatal(err)
	}
	return o.person(m)
}

func (o *office) addKey(by workspace.Actor) workspace.Key {
	o.Helper()
	key, _, err := o.AddKey(o.Context(), by, workspace.NewKey{Name: "CI", Nonce: secret.NewToken()})
	if err != nil {
		o.Fatal(err)
	}
	return key
}

// count returns how many audit events of an action there are.
func (o *office) count(action workspace.Action) (n int) {
	o.Helper()
	events, err := o.db.Events(o.Context(), workspace.EventQuery{WorkspaceID: o.acme.ID, Limit: 1000})
	if err != nil {
		o.Fatal(err)
	}
	for _, e := range events {
		if e.Action == action {
			n++
		}
	}
	return n
}

func (o *office) signIn(ip, email, password, device string) (workspace.SignedInSession, error) {
	stranger := workspace.Actor{Kind: workspace.ActorStranger, WorkspaceID: o.acme.ID, IP: ip}
	return o.SignIn(o.Context(), workspace.SignInRequest{Actor: stranger, DeviceToken: device},
		workspace.Credentials{Email: email, Password: password})
}

func expectKind(t *testing.T, what string, err error, want workspace.Kind) {
	t.Helper()
	if (err == nil) != (want == workspace.Internal) || err != nil && workspace.KindOf(err) != want {
		t.Errorf("%s: %v", what, err)
	}
}
