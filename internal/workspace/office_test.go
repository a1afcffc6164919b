package workspace_test

import (
	"path/filepath"
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

func newOffice(t *testing.T) *office {
	file := filepath.Join(t.TempDir(), "keylodge.db")
	db, err := store.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	o := &office{T: t, file: file, db: db, clock: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	o.Service = workspace.NewService(db, workspace.Config{Now: func() time.Time { return o.clock }})
	var owner workspace.Member
	o.acme, owner, err = o.CreateWorkspace(t.Context(), workspace.NewWorkspace{
		Name: "Acme", Slug: "acme", OwnerName: "Dana Okafor", OwnerEmail: "dana@acme.example", OwnerPassword: password,
	})
	if err != nil {
		t.Fatal(err)
	}
	o.dana = o.person(owner)
	return o
}

func (o *office) person(m workspace.Member) workspace.Actor {
	return workspace.Actor{Kind: workspace.ByPerson, WorkspaceID: o.acme.ID, UserID: m.UserID, ProvenAt: o.clock}
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
		Kind: workspace.ByPerson, WorkspaceID: o.acme.ID, UserID: session.UserID, ProvenAt: session.ProvenAt,
		SignedInAt:        session.CreatedAt,
		CredentialVersion: session.CredentialVersion, Proof: session.Proof, Method: session.Method,
		SessionID: session.ID(), Address: session.Address,
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

func (o *office) signIn(address, email, password, device string) (workspace.SignedInSession, error) {
	stranger := workspace.Actor{Kind: workspace.ByStranger, WorkspaceID: o.acme.ID, Address: address}
	return o.SignIn(o.Context(), stranger, email, password, device)
}

func expectKind(t *testing.T, what string, err error, want workspace.Kind) {
	t.Helper()
	if (err == nil) != (want == workspace.Internal) || err != nil && workspace.KindOf(err) != want {
		t.Errorf("%s: %v", what, err)
	}
}
