package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// People of the tests.
const (
	danaEmail    = "dana@acme.example"
	danaPassword = "violet marble under the stairs"
	samEmail     = "sam@acme.example"
	samPassword  = "copper kettle sings in march"
)

// result is how a command ended.
type result struct {
	code     int
	out, err string
}

// keylodge runs a command in this process. Input is what it reads, if anything.
func keylodge(t testing.TB, input string, args ...string) result {
	t.Helper()
	var out, err bytes.Buffer
	code := run(t.Context(), args, streams{strings.NewReader(input), &out, &err})
	return result{code, out.String(), err.String()}
}

// wantUsageError runs a command that must end with code 2 and one line.
func wantUsageError(t testing.TB, says string, args ...string) {
	t.Helper()
	r := keylodge(t, "", args...)
	if r.code != exitUsage || r.out != "" {
		t.Errorf("keylodge %s: code %d, %q", strings.Join(args, " "), r.code, r.out)
	}
	wantLine(t, r.err, says)
}

// wantLine fails the test unless text is one line that begins with the
// program's name and contains a text.
func wantLine(t testing.TB, text, says string) {
	t.Helper()
	if !strings.HasPrefix(text, "keylodge: ") || strings.Count(text, "\n") != 1 || !strings.Contains(text, says) {
		t.Errorf("not one line that says %q: %q", says, text)
	}
}

// installation is a SQLite file in a temporary folder.
type installation struct {
	testing.TB
	database string
}

func newInstallation(t testing.TB) *installation {
	return &installation{t, filepath.Join(t.TempDir(), "keylodge.db")}
}

// newAcme returns an installation with a workspace, which Dana owns.
func newAcme(t testing.TB) *installation {
	t.Helper()
	i := newInstallation(t)
	i.runReading(danaPassword+"\n", "workspace", "create", "--slug", "acme", "--name", "Acme",
		"--owner-email", danaEmail, "--owner-name", "Dana Okafor", "--password-stdin")
	return i
}

func (i *installation) try(input string, args ...string) result {
	i.Helper()
	return keylodge(i, input, append(args, "--db", i.database)...)
}

// run runs a command that must succeed, and returns what it prints without the
// last line break.
func (i *installation) run(args ...string) string {
	i.Helper()
	return i.runReading("", args...)
}

func (i *installation) runReading(input string, args ...string) string {
	i.Helper()
	r := i.try(input, args...)
	if r.code != exitDone || r.err != "" {
		i.Fatalf("keylodge %s: code %d, %s", strings.Join(args, " "), r.code, r.err)
	}
	return strings.TrimSuffix(r.out, "\n")
}

// fails runs a command that must end with code 1 and one line.
func (i *installation) fails(says string, args ...string) {
	i.Helper()
	r := i.try("", args...)
	if r.code != exitFailed || r.out != "" {
		i.Errorf("keylodge %s: code %d, %q", strings.Join(args, " "), r.code, r.out)
	}
	wantLine(i, r.err, says)
}

// failsWith runs a command that must end with code 1 and exactly one line.
func (i *installation) failsWith(line string, args ...string) {
	i.Helper()
	r := i.try("", args...)
	if want := (result{exitFailed, "", "keylodge: " + line + "\n"}); r != want {
		i.Errorf("keylodge %s: %+v, want %+v", strings.Join(args, " "), r, want)
	}
}

// keys returns what `key list --json` prints.
func (i *installation) keys() (keys []workspace.KeyJSON) {
	i.Helper()
	if err := json.Unmarshal([]byte(i.run("key", "list", "--workspace", "acme", "--json")), &keys); err != nil {
		i.Fatal(err)
	}
	return keys
}

// served is a server in this process.
type served struct {
	testing.TB
	line string // the first line that it printed
	url  string // by IP, which counts as the base host
	host string // the base host with its port
	stop func() int
	log  *recorder
}

// serve runs a command that serves, and returns once it listens. It is stopped
// when the test ends.
func serve(t testing.TB, args ...string) *served {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	printed, out := io.Pipe()
	s := &served{TB: t, log: &recorder{}}
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append(args, "--addr", "127.0.0.1:0"), streams{strings.NewReader(""), out, s.log})
		out.Close()
	}()
	s.stop = sync.OnceValue(func() int { cancel(); return <-code })
	t.Cleanup(func() { s.stop() })
	buf := make([]byte, 1000)
	n, err := printed.Read(buf)
	if err != nil {
		t.Fatalf("it printed nothing, and ended with code %d: %s", s.stop(), s.log)
	}
	go io.Copy(io.Discard, printed)
	s.line = string(buf[:n])
	for word := range strings.FieldsSeq(s.line) {
		if u, err := url.Parse(word); err == nil && u.Scheme == "http" {
			s.host, s.url = u.Host, "http://127.0.0.1:"+u.Port()
		}
	}
	return s
}

func (i *installation) serve(flags ...string) *served {
	i.Helper()
	return serve(i.TB, append([]string{"serve", "--db", i.database}, flags...)...)
}

// answer is an answer to an HTTP request.
type answer struct {
	*http.Response
	body string
}

// send sends a request to a host without following redirects.
func (s *served) send(r *http.Request, host string) answer {
	s.Helper()
	r.Host = host
	a, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.Fatal(err)
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	if err != nil {
		s.Fatal(err)
	}
	return answer{a, string(body)}
}

// verify asks as a gateway does whether a secret is good.
func (s *served) verify(secret string) answer {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.url+"/verify", nil)
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	return s.send(r, s.host)
}

func (s *served) wantVerified(secret string, status int) answer {
	s.Helper()
	a := s.verify(secret)
	if a.StatusCode != status {
		s.Errorf("verify: %d, want %d", a.StatusCode, status)
	}
	return a
}

// get opens a page of acme.
func (s *served) get(path string, cookies ...*http.Cookie) answer {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	for _, cookie := range cookies {
		r.AddCookie(cookie)
	}
	return s.send(r, "acme."+s.host)
}

// signIn returns the cookies of a user who signs in to acme by password.
func (s *served) signIn(email, password string) []*http.Cookie {
	s.Helper()
	a := s.post("/sign-in", "email", email, "password", password)
	if a.StatusCode != http.StatusSeeOther {
		s.Fatalf("sign-in: %d", a.StatusCode)
	}
	return a.Cookies()
}

// post sends a form to acme.
func (s *served) post(path string, pairs ...string) answer {
	s.Helper()
	return s.postAs(nil, path, pairs...)
}

// postAs sends a form to acme with cookies.
func (s *served) postAs(cookies []*http.Cookie, path string, pairs ...string) answer {
	s.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(s.Context(), http.MethodPost, s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, cookie := range cookies {
		r.AddCookie(cookie)
	}
	return s.send(r, "acme."+s.host)
}

// recorder keeps all that is written to it.
type recorder struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.Write(p)
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.String()
}
