package main

import (
	"net/http"
	"testing"

	"github.com/keylodge/keylodge/internal/paths"
)

func TestWorkspaceCreate(t *testing.T) {
	i := newAcme(t)
	workspace := func(slug string, more ...string) []string {
		args := []string{"workspace", "create", "--slug", slug, "--name", "Another", "--owner-email",
			"ben@beta.example"}
		return append(args, more...)
	}
	i.failsWith("slug: This address is taken. Choose another.", workspace("acme")...)
	i.failsWith("slug: This address looks like another workspace’s. Choose one that can’t be taken for it.",
		workspace("acrne")...)
	for _, slug := range []string{"api", "www", "be", "beta-", "beta.x", "xn--beta"} {
		i.fails("slug", workspace(slug)...)
	}
	if r := i.try("short\n", workspace("beta", "--password-stdin")...); r.code != exitFailed {
		t.Errorf("%+v", r)
	} else {
		wantLine(t, r.err, "12")
	}
	i.fails("no password on standard input", workspace("beta", "--password-stdin")...)
	i.fails("no workspace", "key", "list", "--workspace", "beta") // refused commands created nothing
	i.fails("no user", "user", "reset-link", "--email", "ben@beta.example")
	out := i.runReading("quiet harbour paints the moon\n", workspace("beta", "--password-stdin")...)
	if out != "Created workspace Another (beta), owned by ben@beta.example." {
		t.Error(out)
	}
}

func TestWorkspaceState(t *testing.T) {
	i := newAcme(t)
	secret := i.run("key", "create", "--workspace", "acme", "--owner", danaEmail)
	s := i.serve()
	s.wantVerified(secret, http.StatusNoContent)
	if out := i.run("workspace", "disable", "--slug", "acme"); out != "Acme (acme) is disabled: its keys are refused." {
		t.Error(out)
	}
	s.wantVerified(secret, http.StatusUnauthorized)
	if out := i.run("workspace", "enable", "--slug", "ACME"); out != "Acme (acme) is enabled." {
		t.Error(out)
	}
	s.wantVerified(secret, http.StatusNoContent)
	out := i.run("workspace", "lift-sign-in-policy", "--slug", "acme")
	if out != "Acme (acme) accepts every sign-in method." {
		t.Error(out)
	}
	i.fails("no workspace", "workspace", "disable", "--slug", "none")
}

func TestDeletedWorkspace(t *testing.T) {
	i := newAcme(t)
	s := i.serve()
	if a := s.postAs(s.signIn(danaEmail, danaPassword), paths.Delete, "slug", "acme"); a.StatusCode != http.StatusOK {
		t.Fatalf("delete: %d", a.StatusCode)
	}
	i.failsWith(`no workspace "acme"`, "key", "list", "--workspace", "acme")
}
