package workspace_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

func TestSessionLimits(t *testing.T) {
	o := newOffice(t)
	in, err := o.signIn("192.0.2.1", "dana@acme.example", password, "")
	if err != nil {
		t.Fatal(err)
	}
	live := func(want bool) {
		t.Helper()
		_, _, err := o.Authenticate(t.Context(), o.acme.ID, in.Token)
		if (err == nil) != want {
			t.Errorf("at %s: %v", o.clock.Format(time.TimeOnly), err)
		}
	}
	live(true)
	for range 15 { // 7 h 15 min of work
		o.clock = o.clock.Add(29 * time.Minute)
		live(true)
	}
	idle := o.clock
	o.clock = idle.Add(30 * time.Minute)
	live(false)
	o.clock = idle.Add(20 * time.Minute)
	live(true)
	o.clock = idle.Add(40 * time.Minute)
	live(true)
	o.clock = idle.Add(46 * time.Minute) // more than eight hours in all
	live(false)
}

func TestEndedSessionsAreDead(t *testing.T) {
	o := newOffice(t)
	for name, end := range map[string]func(token string) error{
		"signed out": func(token string) error { return o.SignOut(t.Context(), o.dana, token) },
		"a new password": func(string) error {
			token, err := o.NewResetLink(t.Context(), "dana@acme.example")
			if err != nil {
				return err
			}
			return o.ResetPassword(t.Context(), workspace.Actor{}, token, password)
		},
	} {
		t.Run(name, func(t *testing.T) {
			in, err := o.signIn("192.0.2.1", " DANA@acme.example ", password, "")
			if err != nil {
				t.Fatal(err)
			}
			if err := end(in.Token); err != nil {
				t.Fatal(err)
			}
			_, _, err = o.Authenticate(t.Context(), o.acme.ID, in.Token)
			expectKind(t, name, err, workspace.Unauthenticated)
		})
	}
	for _, token := range []string{"", "x", strings.Repeat("x", 5000)} {
		_, _, err := o.Authenticate(t.Context(), o.acme.ID, token)
		expectKind(t, "no token of ours", err, workspace.Unauthenticated)
	}
}

func TestShortSessionsStayWithWhoIsActive(t *testing.T) {
	o := newOffice(t)
	s := workspace.NewService(o.db, workspace.Config{
		Now: func() time.Time { return o.clock }, Sessions: workspace.SessionPolicy{Idle: time.Minute,
			Absolute: time.Hour},
	})
	in, err := o.signIn("192.0.2.1", "dana@acme.example", password, "")
	if err != nil {
		t.Fatal(err)
	}
	for range 60 {
		o.clock = o.clock.Add(50 * time.Second)
		if _, _, err := s.Authenticate(t.Context(), o.acme.ID, in.Token); err != nil {
			t.Fatalf("signed out at work: %v", err)
		}
	}
}

func TestSessionsOfADeactivatedMemberStayDead(t *testing.T) {
	o := newOffice(t)
	o.hire("mei@acme.example", workspace.RoleOwner)
	in, err := o.signIn("192.0.2.1", "dana@acme.example", password, "")
	if err != nil {
		t.Fatal(err)
	}
	operator := workspace.Operator
	operator.WorkspaceID = o.acme.ID
	for _, active := range []bool{false, true} {
		_, err := o.ChangeMemberByEmail(t.Context(), operator, "dana@acme.example",
			func(m *workspace.Member) { m.Active = active })
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = o.Authenticate(t.Context(), o.acme.ID, in.Token)
		expectKind(t, "the session from before", err, workspace.Unauthenticated)
	}
}

func TestSessionsAreOfOneWorkspace(t *testing.T) {
	o := newOffice(t)
	other, _, err := o.CreateWorkspace(t.Context(), workspace.NewWorkspace{Name: "Other", Slug: "other",
		OwnerEmail: "dana@acme.example"})
	if err != nil {
		t.Fatal(err)
	}
	in, err := o.signIn("192.0.2.1", "dana@acme.example", password, "")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = o.Authenticate(t.Context(), other.ID, in.Token)
	expectKind(t, "in the other workspace", err, workspace.Unauthenticated)
}

func TestTidyRemovesDeadSessions(t *testing.T) {
	o := newOffice(t)
	in, err := o.signIn("192.0.2.1", "dana@acme.example", password, "")
	if err != nil {
		t.Fatal(err)
	}
	o.clock = o.clock.Add(9 * time.Hour)
	if err := o.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, _, err = o.db.SessionMember(t.Context(), o.acme.ID, secret.DigestOf(in.Token))
	expectKind(t, "the row", err, workspace.NotFound)
}
