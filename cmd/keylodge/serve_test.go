package main

import (
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var (
	setupLine   = regexp.MustCompile(`^Open http://localhost:\d+/setup\?token=\S+ to create the first workspace\.\n$`)
	runningLine = regexp.MustCompile(`^Keylodge is running at http://localhost:\d+\n$`)
)

// The first line is a link that creates the first workspace, and then the URL.
func TestServe(t *testing.T) {
	i := newInstallation(t)
	s := i.serve()
	if !setupLine.MatchString(s.line) {
		t.Errorf("with an empty database: %q", s.line)
	}
	s.wantVerified("kl_x", http.StatusUnauthorized)
	if code := s.stop(); code != exitDone {
		t.Errorf("code %d\n%s", code, s.log)
	}
	if line := newAcme(t).serve().line; !runningLine.MatchString(line) {
		t.Errorf("with a workspace: %q", line)
	}
}

// Flags can come from variables, as a container's settings do.
func TestFlagsFromTheEnvironment(t *testing.T) {
	i := newAcme(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	t.Setenv("KEYLODGE_BASE_URL", "http://keys.localhost:"+port)
	t.Setenv("KEYLODGE_DB", i.database)
	t.Setenv("KEYLODGE_KEY_PREFIX", "acme")
	t.Setenv("KEYLODGE_LOG_FORMAT", "json")
	s := serve(t)
	if want := "Keylodge is running at http://keys.localhost:" + port + "\n"; s.line != want {
		t.Errorf("%q, want %q", s.line, want)
	}
	if r := keylodge(t, "", "key", "create", "--workspace", "acme", "--owner", danaEmail); !strings.HasPrefix(r.out,
		"acme_") {
		t.Errorf("%+v", r)
	}
}
