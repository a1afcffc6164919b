package web

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestKeysAtOnce changes several keys, some of which must stay unchanged, and
// checks exports and sort orders.
func TestKeysAtOnce(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.runJobs(t)
	s.newOwner(t)
	s.addSam(t, "developer")
	s.addBeta(t)
	dana, sam := s.signInAt(t, "acme", testOwner), s.signInAt(t, "acme", samEmail)
	ben := s.signInAt(t, "beta", benEmail)
	danas, sams := dana.addKey("=1+1"), sam.addKey("Sam’s")
	one, two := dana.keyID("=1+1"), sam.keyID("Sam’s")
	act := func(c *client, act, number string, more url.Values) string {
		t.Helper()
		form := fields("act", act, "number", number)
		for name, values := range more {
			form[name] = values
		}
		a := c.post("/settings/api-keys/selected", form).want(http.StatusSeeOther)
		return c.awaitJob(a.location()).body
	}
	both := url.Values{"key": {one, two}}
	// Sam may change his own only; the other is not touched.
	page := act(sam, "disable", "2", both)
	if !strings.Contains(page, "2 of 2 keys looked at: 1 disabled, 1 not changed") {
		t.Errorf("Sam disables two keys: %s", page)
	}
	if page := act(ben, "revoke", "2", both); !strings.Contains(page, "0 revoked, 2 not changed") {
		t.Errorf("Ben revokes keys of another workspace: %s", page)
	}
	for key, want := range map[string]int{danas: http.StatusNoContent, sams: http.StatusUnauthorized} {
		if a := s.verify(t, key); a.status != want {
			t.Errorf("a key gets %d, want %d", a.status, want)
		}
	}
	if page := act(dana, "enable", "2", both); !strings.Contains(page, "1 enabled, 1 unchanged") {
		t.Errorf("Dana enables two keys: %s", page)
	}
	dana.post("/settings/general/keys", fields("max_days", "30", "full_access", "")).want(http.StatusSeeOther)
	page = act(dana, "expire", "2", url.Values{"key": {one, two}, "expires": {"90d"}})
	if !strings.Contains(page, "0 changed, 2 not changed") {
		t.Errorf("an end beyond the policy: %s", page)
	}
	dana.post("/settings/api-keys/selected", url.Values{"act": {"expire"}, "number": {"2"}, "key": {one, two},
		"expires": {"soon"}}).
		want(http.StatusUnprocessableEntity, "Give a date and time")
	dana.post("/settings/api-keys/selected", fields("act", "explode", "number", "1", "key", one)).
		want(http.StatusUnprocessableEntity)
	dana.post("/settings/api-keys/selected", fields("act", "revoke")).want(http.StatusOK, "No key is chosen")
	dana.post("/settings/api-keys/selected", fields("act", "revoke", "all", "yes", "number", "3")).
		want(http.StatusOK, "Revoke 2 keys?")
		// not as many as were named
	page = act(dana, "expire", "2", url.Values{"all": {"yes"}, "q": {"sam"}, "number": {"1"}, "expires": {"30d"}})
	if !strings.Contains(page, "1 of 1 key looked at: 1 changed") {
		t.Errorf("all that match: %s", page)
	}

	table, err := csv.NewReader(strings.NewReader(dana.fetch("/settings/api-keys.csv?sort=name").
		want(http.StatusOK).body)).
		ReadAll()
	if err != nil || len(table) != 3 || table[1][1] != "'=1+1" {
		t.Errorf("%v %v", table, err)
	}
	if lines := strings.Count(sam.fetch("/settings/api-keys.jsonl").want(http.StatusOK).body, "\n"); lines != 1 {
		t.Errorf("Sam exports %d keys", lines)
	}
	dana.post("/settings/general/keys", fields("full_access", "")).want(http.StatusSeeOther)
	for i := range 60 {
		sam.addKey(fmt.Sprintf("Key %02d", i))
	}
	first := dana.fetch("/settings/api-keys?sort=name").want(http.StatusOK, "Key 48").body
	_, after, _ := strings.Cut(first, `rel="next" href="`)
	next, _, _ := strings.Cut(after, `"`)
	next = strings.ReplaceAll(next, "&amp;", "&")
	dana.fetch(next).want(http.StatusOK, "Key 59")
	for what, path := range map[string]string{
		"of another order": strings.Replace(next, "sort=name", "sort=created", 1), "altered": next + "x",
		"of nothing":       "/settings/api-keys?sort=name&after=~.key_x",
		"an unknown order": "/settings/api-keys?sort=colour",
	} {
		if a := dana.fetch(path); a.status != http.StatusOK {
			t.Errorf("a cursor %s gets %d", what, a.status)
		}
	}
	// A cursor of one workspace shows nothing of it in another.
	if a := ben.fetch(next).want(http.StatusOK); strings.Contains(a.body, "Key 5") {
		t.Error("a cursor carries rights")
	}
}

// runJobs runs the bulk jobs of a server until the test ends.
func (s *testServer) runJobs(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		s.Service.RunJobs(ctx, func(j workspace.Job, err error) { t.Errorf("job %s: %v", j.ID, err) })
	})
	t.Cleanup(func() { stop(); running.Wait() })
}

// awaitJob returns the page of a job once the job is done.
func (c *client) awaitJob(path string) *page {
	c.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		p := c.fetch(path).want(http.StatusOK)
		if strings.Contains(p.body, ">Done<") {
			return p
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("the job is not done:\n%s", p.text())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestOverviewAndBulk goes from the overview to the lists that it counts, and
// changes many keys at once.
func TestOverviewAndBulk(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.runJobs(t)
	dana := s.newOwner(t)
	dana.addKey("Alpha")
	used := dana.addKey("Beta")
	dana.addKey("Gamma")
	s.verify(t, used)
	p := s.openTabSignedIn(t)
	p.goTo(testBase + "/")
	p.see("3 keys of Acme can be used now.")
	p.see("Owners without a second factor")
	s.flushUsage(t)
	p.reload()
	p.see("1 let through")
	p.goTo(testBase + "/settings/api-keys?expiring=never&sort=name")
	p.see("Gamma")
	if !regexp.MustCompile(`Alpha.*Beta.*Gamma`).MatchString(p.text()) {
		t.Errorf("the keys are not in order:\n%s", p.text())
	}
	p.click("All of this list")
	p.click("Revoke chosen…")
	p.see("Revoke 3 keys?")
	p.see("1 key of these in use.")
	p.click("Revoke 3 keys")
	p.see("Some of these keys are in use.")
	p.click("These requests may fail")
	p.click("Revoke 3 keys")
	p.see("3 of 3 keys looked at: 3 revoked.")
	if a := s.verify(t, used); a.status != http.StatusUnauthorized {
		t.Errorf("a key that was revoked with others gets %d", a.status)
	}
}
