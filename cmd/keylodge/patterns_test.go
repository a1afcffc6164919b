package main

import (
	"regexp"
	"strings"
	"testing"
)

func TestPatterns(t *testing.T) {
	i := newAcme(t)
	secret := i.run("key", "create", "--workspace", "acme", "--owner", danaEmail, "--key-prefix", "acme_live")
	r := keylodge(t, "", "patterns", "--key-prefix", "acme_live")
	pattern := regexp.MustCompile(`(?m)^Secret format: +(\S+)$`).FindStringSubmatch(r.out)
	if r.code != 0 || pattern == nil || strings.Count(r.out, pattern[1]) != 3 ||
		!strings.Contains(r.out, `keywords = ["acme_live_"]`) {
		t.Fatalf("%+v", r)
	}
	if got := regexp.MustCompile(pattern[1]).FindString(`{"key": "` + secret + `"}`); got != secret {
		t.Errorf("it finds %q", got)
	}
	wantUsageError(t, "--key-prefix", "patterns", "--key-prefix", "Acme")
}
