package workspace_test

import (
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

func TestWrongPasswordsAreThrottled(t *testing.T) {
	o := newOffice(t)
	home, err := o.signIn("192.0.2.1", "dana@acme.example", password, "")
	if err != nil {
		t.Fatal(err)
	}
	// From as many addresses as there are tries, and in several spellings: the
	// account is what counts.
	spellings := []string{"dana@acme.example", "DANA@acme.example", " dana@Acme.Example", "dana@acme.example\t"}
	for i := range 5 {
		_, err := o.signIn("198.51.100."+string(rune('1'+i)), spellings[i%len(spellings)], "wrong", "")
		expectKind(t, "a wrong password", err, workspace.Unauthenticated)
	}
	_, err = o.signIn("203.0.113.1", "dana@acme.example", password, "")
	expectKind(t, "the right one, too soon", err, workspace.Throttled)
	if _, err := o.signIn("203.0.113.1", "dana@acme.example", password, home.DeviceToken); err != nil {
		t.Errorf("a known device is locked out: %v", err)
	}
	o.clock = o.clock.Add(time.Second)
	if _, err := o.signIn("203.0.113.1", "dana@acme.example", password, ""); err != nil {
		t.Errorf("after the wait: %v", err)
	}
}

func TestOneIPOverManyAccountsIsThrottled(t *testing.T) {
	o := newOffice(t)
	var err error
	for i := range 31 {
		_, err = o.signIn("2001:db8::"+string(rune('a'+i%6)), "nobody"+string(rune('a'+i))+"@acme.example", "wrong", "")
	}
	expectKind(t, "the 31st try from one network", err, workspace.Throttled)
	_, err = o.signIn("2001:db8:1::1", "dana@acme.example", password, "")
	expectKind(t, "another network", err, workspace.Internal)
}

func TestSignInTellsNothing(t *testing.T) {
	o := newOffice(t)
	o.hire("mei@acme.example", workspace.RoleAdmin) // has no password
	_, err := o.ChangeMemberByEmail(t.Context(), o.dana, "mei@acme.example",
		func(m *workspace.Member) { m.Active = false })
	if err != nil {
		t.Fatal(err)
	}
	_, unknown := o.signIn("192.0.2.1", "nobody@acme.example", password, "")
	for _, email := range []string{"dana@acme.example", "mei@acme.example", "", "x' OR 1=1 --"} {
		_, err := o.signIn("192.0.2.1", email, "wrong", "")
		if err == nil || err.Error() != unknown.Error() {
			t.Errorf("%q: %v, unknown: %v", email, err, unknown)
		}
	}
}
