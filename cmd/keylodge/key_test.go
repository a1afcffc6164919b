package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

func TestKeyCreate(t *testing.T) {
	i := newAcme(t)
	s := i.serve("--key-prefix", "acme_live")
	create := func(more ...string) []string {
		return append([]string{"key", "create", "--workspace", "acme", "--owner", danaEmail}, more...)
	}
	if empty := i.run("key", "list", "--workspace", "acme", "--json"); empty != "[]" {
		t.Errorf("no keys are %q", empty)
	}
	r := i.try("", create("--name", "CI deploy", "--expires", "90d")...)
	if r.code != 0 || r.err != "" || !regexp.MustCompile(`^kl_[0-9A-Za-z]{38}\n$`).MatchString(r.out) {
		t.Fatalf("more or less than the secret: code %d, %d characters, %s", r.code, len(r.out), r.err)
	}
	secret := strings.TrimSpace(r.out)
	if a := s.wantVerified(secret, http.StatusNoContent); a.Header.Get("X-Keylodge-Key-Name") != "CI deploy" {
		t.Errorf("name %q", a.Header.Get("X-Keylodge-Key-Name"))
	}
	other := i.run(create("--key-prefix", "x1")...)
	if s.wantVerified(other, http.StatusNoContent); !strings.HasPrefix(other, "x1_") {
		t.Error("the secret has another prefix")
	}
	for _, expires := range []string{"0d", "-1d", "90", "yesterday", "2020-01-01T00:00", "99999d"} {
		i.fails("expires", create("--expires="+expires)...)
	}
	i.fails("name", create("--name", strings.Repeat("x", 101))...)
	i.fails("name", create("--name", "a\nb")...)
	i.fails("not a member", "key", "create", "--workspace", "acme", "--owner", "x@y.example")
	for _, limit := range [][]string{
		{"--scope", "a,,b"}, {"--scope", ""}, {"--scope", "a b"}, {"--scope", "keys:all"}, {"--scope", "é"},
		{"--allow-from", "x"}, {"--allow-from", "10.0.0.1/8"},
		{"--rate-limit", "x"}, {"--rate-limit", "0/1m"}, {"--rate-limit", "1/2d"}, {"--rate-limit", "1/1ms"},
	} {
		i.fails("", create(limit...)...)
	}
	if keys := i.keys(); len(keys) != 2 {
		t.Errorf("refused commands created keys: %+v", keys)
	}
}

func TestKeyList(t *testing.T) {
	i := newAcme(t)
	secret := i.run("key", "create", "--workspace", "acme", "--owner", danaEmail, "--name", "CI deploy", "--expires",
		"90d",
		"--scope", "a,b", "--scope", "c", "--allow-from", "192.0.2.0/24", "--rate-limit", "100/1m")
	k := i.keys()[0]
	if k.State != "active" || k.Hint != secret[:7]+"…"+secret[len(secret)-4:] || k.Owner.Name != "Dana Okafor" ||
		k.RevokedAt != nil || strings.Join(k.Scopes, " ") != "a b c" ||
		fmt.Sprint(k.AllowedNetworks) != "[192.0.2.0/24]" ||
		k.RateLimit == nil || *k.RateLimit != (workspace.RateLimitJSON{Requests: 100, WindowSeconds: 60}) {
		t.Errorf("%+v", k)
	}
	if days := time.Until(*k.ExpiresAt).Hours() / 24; days < 89 || days > 91 {
		t.Errorf("90 days are %v", days)
	}
	table := i.run("key", "list", "--workspace", "acme")
	if lines := strings.Split(table, "\n"); len(lines) != 2 || !strings.HasPrefix(lines[0], "ID ") ||
		!strings.Contains(table, k.ID) || strings.Contains(table, secret) {
		t.Errorf("the table:\n%s", table)
	}
	i.run("key", "disable", k.ID)
	if table := i.run("key", "list", "--workspace", "acme"); !strings.Contains(table, "disabled") {
		t.Errorf("the table:\n%s", table)
	}
}

func TestKeyState(t *testing.T) {
	i := newAcme(t)
	secret := i.run("key", "create", "--workspace", "acme", "--owner", danaEmail, "--name", "CI deploy")
	s := i.serve()
	id := i.keys()[0].ID
	wantUsageError(t, "this is a secret", "key", "revoke", secret, "--db", i.database)
	for _, step := range []struct {
		verb, says string
		status     int
	}{
		{"disable", "is disabled, since", http.StatusUnauthorized},
		{"disable", "is disabled, since", http.StatusUnauthorized},
		{"enable", "is enabled.", http.StatusNoContent},
		{"revoke", "is revoked, since", http.StatusUnauthorized},
		{"revoke", "is revoked, since", http.StatusUnauthorized}, // the second time says the same
	} {
		if out := i.run("key", step.verb, id); !strings.Contains(out, "CI deploy (") ||
			!strings.Contains(out, step.says) {
			t.Errorf("%s: %q", step.verb, out)
		}
		s.wantVerified(secret, step.status)
	}
	if n := i.countEvents("key.revoked"); n != 1 {
		t.Errorf("%d events", n)
	}
}

// lastHour is a line about 3 verifications.
var lastHour = regexp.MustCompile(`\n\d{4}-\d\d-\d\d \d\d:00 +valid +3$`)

// Usage outlives the server, which writes it when it stops.
func TestKeyUsage(t *testing.T) {
	i := newAcme(t)
	used := i.run("key", "create", "--workspace", "acme", "--owner", danaEmail, "--name", "used")
	i.run("key", "create", "--workspace", "acme", "--owner", danaEmail, "--name", "unused")
	s := i.serve()
	for range 3 {
		s.wantVerified(used, http.StatusNoContent)
	}
	if code := s.stop(); code != exitDone {
		t.Fatalf("code %d\n%s", code, s.log)
	}
	for _, k := range i.keys() {
		if (k.LastUsed != nil) != (k.Name == "used") {
			t.Errorf("%+v", k)
		}
		out := i.run("key", "usage", k.ID)
		counted := lastHour.MatchString(out)
		if !strings.HasPrefix(out, "HOUR (UTC)") || counted != (k.Name == "used") {
			t.Errorf("%s:\n%s", k.Name, out)
		}
		if out := i.run("key", "usage", k.ID, "--json"); strings.Contains(out, `"checks": 3`) != (k.Name == "used") {
			t.Errorf("%s: %s", k.Name, out)
		}
	}
}
