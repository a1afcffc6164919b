package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	otp "github.com/pquerna/otp/totp"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/totp"
)

// addSam makes Sam a member of acme.
func (i *installation) addSam(role string) {
	i.Helper()
	i.runReading(samPassword+"\n", "user", "create", "--workspace", "acme", "--email", samEmail, "--name", "Sam",
		"--role", role, "--password-stdin")
}

func TestUserCreate(t *testing.T) {
	i := newAcme(t)
	i.addSam("developer")
	s := i.serve()
	if a := s.post("/sign-in", "email", samEmail, "password", samPassword); a.StatusCode != http.StatusSeeOther {
		t.Errorf("Sam's sign-in: %d", a.StatusCode)
	}
	create := []string{"user", "create", "--workspace", "acme", "--email", "lea@acme.example", "--role"}
	i.fails("member already", "user", "create", "--workspace", "acme", "--email", strings.ToUpper(samEmail), "--role",
		"admin")
	i.fails("The role is one of", append(create, "king")...)
	i.fails("no workspace", "user", "create", "--workspace", "none", "--email", "x@y.example", "--role", "admin")
	i.fails("e-mail", "user", "create", "--workspace", "acme", "--email", "nonsense", "--role", "admin")
	wantUsageError(t, "--base-url", append(create, "auditor", "--base-url", "nonsense", "--db", i.database)...)
	i.fails("no user", "user", "reset-link", "--email", "lea@acme.example") // nothing was created
	out := i.run(append(create, "auditor", "--base-url", "http://acme.localhost:8080")...)
	if !strings.HasPrefix(out, "lea@acme.example is now auditor of Acme.\n") ||
		!strings.Contains(out, "\nhttp://acme.localhost:8080/reset-password?token=") {
		t.Errorf("no link: %q", out)
	}
	for _, state := range []string{"deactivate", "activate"} {
		want := fmt.Sprintf("lea@acme.example is auditor of Acme, %sd.", state)
		out := i.run("user", state, "--workspace", "acme", "--email", "lea@acme.example")
		if state == "activate" {
			want = "lea@acme.example is auditor of Acme, active."
		}
		if out != want {
			t.Errorf("%q, want %q", out, want)
		}
	}
}

func TestResetLink(t *testing.T) {
	i := newAcme(t)
	out := i.run("user", "create", "--workspace", "acme", "--email", "lea@acme.example", "--role", "auditor")
	s := i.serve()
	const password = "paper lantern over the bridge"
	token := func(link string) string {
		_, token, _ := strings.Cut(link, "token=")
		return token
	}
	use := func(token, password string) int {
		return s.post("/reset-password", "token", token, "password", password).StatusCode
	}
	first := token(out)
	page := "/reset-password?token=" + first
	if a := s.get(page); a.StatusCode != http.StatusOK || !strings.Contains(a.body, "lea@acme.example") {
		t.Errorf("the page: %d", a.StatusCode)
	}
	if a := s.post("/reset-password", "token", first, "password",
		"short"); a.StatusCode != http.StatusUnprocessableEntity ||
		!strings.Contains(a.body, "at least 12") { // and the link is as before
		t.Errorf("a short password: %d", a.StatusCode)
	}
	if status := use(first, password); status != http.StatusSeeOther {
		t.Errorf("the first use: %d", status)
	}
	if status := use(first, "another one of that length"); status != http.StatusGone {
		t.Errorf("the second use: %d", status)
	}
	if a := s.get(page); a.StatusCode != http.StatusGone {
		t.Errorf("the page of a used link: %d", a.StatusCode)
	}
	signedIn := s.post("/sign-in", "email", "lea@acme.example", "password", password)
	if signedIn.StatusCode != http.StatusSeeOther || len(signedIn.Cookies()) == 0 {
		t.Fatalf("the sign-in: %d", signedIn.StatusCode)
	}

	reset := func() string { return token(i.run("user", "reset-link", "--email", " LEA@acme.example")) }
	older, newer := reset(), reset()
	if status := use(older, "another one of that length"); status != http.StatusGone {
		t.Errorf("a replaced link: %d", status)
	}
	statuses := make([]int, 3)
	var all sync.WaitGroup
	for n := range statuses {
		all.Go(func() { statuses[n] = use(newer, fmt.Sprint("number ", n, " of the new ones")) })
	}
	all.Wait()
	slices.Sort(statuses)
	if !slices.Equal(statuses, []int{http.StatusSeeOther, http.StatusGone, http.StatusGone}) {
		t.Errorf("one link used three times at once: %v", statuses)
	}
	if a := s.get("/settings/api-keys", signedIn.Cookies()...); a.StatusCode != http.StatusSeeOther {
		t.Errorf("a new password does not end the sessions: %d", a.StatusCode)
	}
}

// resetLink matches all that `user reset-link` prints.
var resetLink = regexp.MustCompile(`^http://localhost:8080/reset-password\?token=[0-9A-Za-z_-]{20,}$`)

func TestResetLinkText(t *testing.T) {
	i := newAcme(t)
	if out := i.run("user", "reset-link", "--email", danaEmail); !resetLink.MatchString(out) {
		t.Errorf("%q", out)
	}
	i.failsWith("no user has the email x@y.example", "user", "reset-link", "--email", "x@y.example")
}

func TestRemoveTOTP(t *testing.T) {
	i := newAcme(t)
	s := i.serve()
	secret := totp.NewSecret()
	code, err := otp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	a := s.postAs(s.signIn(danaEmail, danaPassword), paths.TOTP, "secret", secret, "code", code)
	if a.StatusCode != http.StatusOK {
		t.Fatalf("enrolling: %d", a.StatusCode)
	}
	out := i.run("user", "remove-totp", "--email", danaEmail)
	if out != "dana@acme.example signs in by password alone." {
		t.Errorf("%q", out)
	}
	s.signIn(danaEmail, danaPassword) // no code is asked for
}

func TestUserRole(t *testing.T) {
	i := newAcme(t)
	i.addSam("developer")
	secret := i.run("key", "create", "--workspace", "acme", "--owner", samEmail)
	s := i.serve()
	user := func(verb, email string, more ...string) []string {
		return append([]string{"user", verb, "--workspace", "acme", "--email", email}, more...)
	}
	for _, role := range []string{"admin", "auditor", "member", "owner", "developer"} {
		i.run(user("role", samEmail, "--role", role)...)
		if a := s.wantVerified(secret, http.StatusNoContent); a.Header.Get("X-Keylodge-Role") != role {
			t.Errorf("role %q, want %q", a.Header.Get("X-Keylodge-Role"), role)
		}
	}
	i.fails("always has an owner", user("deactivate", danaEmail)...)
	i.fails("always has an owner", user("role", danaEmail, "--role", "admin")...)
	i.fails("not a member", user("deactivate", "x@y.example")...)
	i.fails("The role is one of", user("role", samEmail, "--role", "Owner")...)
	for range 2 { // the second time changes nothing
		i.run(user("deactivate", samEmail)...)
		s.wantVerified(secret, http.StatusUnauthorized)
	}
	i.run(user("activate", samEmail)...)
	s.wantVerified(secret, http.StatusNoContent)
	if n := i.countEvents("member.changed"); n != 7 {
		t.Errorf("7 changes have %d events", n)
	}
}

func TestUserSignIn(t *testing.T) {
	i := newAcme(t)
	i.failsWith("dana@acme.example has no account here, or no authenticator app", "user", "remove-totp",
		"--email", danaEmail)
	i.failsWith("dana@acme.example has no account here, or no passkey", "user", "remove-passkeys",
		"--email", danaEmail)
	i.failsWith("x@y.example has no account here", "user", "set-email", "--email", "x@y.example",
		"--new", "y@y.example")
	out := i.run("user", "set-email", "--email", danaEmail, "--new", "Dana@New.example")
	if out != danaEmail+" now signs in as dana@new.example." {
		t.Error(out)
	}
}
