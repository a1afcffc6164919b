package web

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// prolong makes every wait of the throttle outlast the test, or ends it.
func (s *testServer) prolong(t testing.TB, wait time.Duration) {
	t.Helper()
	s.exec(t, `UPDATE throttles SET blocked_until = $1 WHERE blocked_until IS NOT NULL`,
		time.Now().Add(wait).UnixMicro())
}

func TestWrongPasswordsAreThrottled(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t) // a browser that she has signed in from
	stranger := s.newClient(t)
	spellings := []string{
		testOwner,
		strings.ToUpper(testOwner),
		" " + testOwner + " ",
		"Dana@Acme.Example",
		"\t" + testOwner,
		testOwner + "\n",
	}
	for i, email := range spellings[:5] {
		stranger.post("/sign-in", signInForm(email, "wrong "+strconv.Itoa(i))).want(http.StatusUnprocessableEntity)
	}
	s.prolong(t, time.Hour)
	for _, email := range spellings {
		a := s.newClient(t).
			post("/sign-in", signInForm(email, testPassword)).
			want(http.StatusTooManyRequests, "Too many wrong tries. Try again in")
		if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 {
			t.Errorf("Retry-After: %q", a.header.Get("Retry-After"))
		}
		if a.header["Set-Cookie"] != nil || strings.Contains(a.body, testPassword) {
			t.Errorf("what is refused sets a cookie or shows the password")
		}
	}
	for _, liar := range []string{"203.0.113.9", "127.0.0.1", "2001:db8::1, 203.0.113.1"} {
		a := s.newClient(t).
			post("/sign-in", signInForm(testOwner, testPassword), "X-Forwarded-For", liar, "X-Real-IP", liar,
				"Forwarded", "for="+liar)
		a.want(http.StatusTooManyRequests)
	}
	dana.post("/sign-in", signInForm(testOwner, testPassword)).want(http.StatusSeeOther) // nobody locks her out
	if n := s.count(t, `SELECT COUNT(*) FROM sessions`); n != 1 {
		t.Errorf("%d sessions", n)
	}
	n := s.count(t, `SELECT COUNT(*) FROM events WHERE address <> '127.0.0.1' AND actor_kind <> 'operator'`)
	if n != 0 {
		t.Errorf("%d events believe what a stranger says of their address", n)
	}
}

// TestThrottleOutlivesTheProgram restarts the program while a wait lasts.
func TestThrottleOutlivesTheProgram(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	stranger := s.newClient(t)
	for range 5 {
		stranger.post("/sign-in", signInForm(testOwner, "not her password")).want(http.StatusUnprocessableEntity)
	}
	s.prolong(t, time.Hour)
	failures := s.count(t, `SELECT MAX(failures) FROM throttles`)
	s = newTestServerOn(t, s.database)
	stranger = s.newClient(t)
	stranger.post("/sign-in", signInForm(testOwner, testPassword)).want(http.StatusTooManyRequests)
	s.prolong(t, -time.Hour)
	stranger.post("/sign-in", signInForm(testOwner, "not her password")).want(http.StatusUnprocessableEntity)
	stranger.post("/sign-in", signInForm(testOwner, testPassword)).
		want(http.StatusTooManyRequests)
		// 2 seconds, that is
	if n := s.count(t, `SELECT MAX(failures) FROM throttles`); n != failures+1 {
		t.Errorf("%d failures before the restart, %d after one more", failures, n)
	}
}

// TestUnknownAccountsLookAlike compares whole responses for an account, a
// deactivated one, and none.
func TestUnknownAccountsLookAlike(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addSam(t, "developer")
	s.setActive(t, "acme", samEmail, false)
	s.addBeta(t)
	at := s.newClient(t).at("acme")
	accounts := map[string]string{
		"an owner":            testOwner,
		"who was stopped":     samEmail,
		"another workspace's": benEmail,
		"nobody":              "nobody@acme.example",
	}
	passwords := map[string][]string{
		"who was stopped":     {"wrong", testPassword, "wrong", "wrong", "wrong", "wrong"},
		"another workspace's": {"wrong", testPassword, "wrong", "wrong", "wrong", "wrong"},
	}
	seen := map[string][]string{}
	wait := regexp.MustCompile(`Try again in \d+ \w+\.`)
	try := func(who, email, password string) {
		a := at.post("/sign-in", signInForm(email, password))
		for _, name := range []string{"X-Request-Id", "Date",
			"Content-Length"} { // the last because what was typed comes back
			a.header.Del(name)
		}
		if a.header.Get("Retry-After") != "" {
			a.header.Set("Retry-After", "soon")
		}
		body := wait.ReplaceAllString(strings.ReplaceAll(a.body, email, "EMAIL"), "Try again soon.")
		seen[who] = append(seen[who], fmt.Sprint(a.status, a.header, body))
	}
	for who, email := range accounts {
		for i := range 5 {
			password := "wrong"
			if p := passwords[who]; p != nil {
				password = p[i]
			}
			try(who, email, password)
		}
	}
	s.prolong(t, time.Hour)
	for who, email := range accounts {
		try(who, email, "wrong")
	}
	for who, answers := range seen {
		if !slices.Equal(answers, seen["nobody"]) {
			t.Errorf("%s gets\n%s\nand nobody\n%s", who, answers, seen["nobody"])
		}
	}
	if !strings.HasPrefix(seen["nobody"][5], "429") {
		t.Errorf("the last *page is %s", seen["nobody"][5])
	}
}
