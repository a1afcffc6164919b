package e2e

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestOverviewAndBulk goes from the overview to what it counts, and changes
// many keys at once.
func TestOverviewAndBulk(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desktop, {scripts: false, width: 360, dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			s := start(t, sqliteFile(t))
			dana := s.setUp(t)
			dana.addKey("Alpha")
			used := dana.addKey("Beta")
			dana.addKey("Gamma")
			s.verify(t, used)
			p := s.openSignedIn(t, l)
			p.goTo(s.url + "/")
			p.see("3 keys of Acme can be used now.")
			p.see("Owners without a second factor")
			p.until("the checks to be written", `(() => { if (document.body.innerText.includes("1 let through")) return true; location.reload(); return false; })()`)
			p.step(1, "overview")
			p.goTo(s.url + "/settings/api-keys?expiring=never&sort=name")
			p.see("Gamma")
			p.until("the keys to be in order", `/Alpha[^]*Beta[^]*Gamma/.test(document.body.innerText)`)
			p.step(2, "sorted list")
			p.click("All of this list")
			p.click("Revoke chosen…")
			p.see("Revoke 3 keys?")
			p.see("1 key of these in use.")
			p.step(3, "bulk question")
			p.click("Revoke 3 keys")
			p.see("Some of these keys are in use.")
			p.click("These requests may fail")
			p.click("Revoke 3 keys")
			p.see("3 of 3 keys looked at: 3 revoked.")
			p.step(4, "bulk done")
			if a := s.verify(t, used); a.status != http.StatusUnauthorized {
				t.Errorf("a key that was revoked with others gets %d", a.status)
			}
		})
	}
}

// TestKeysAtOnce changes keys that are and are not to be changed, and looks at
// exports and orders.
func TestKeysAtOnce(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.setUp(t)
		s.addSam(t, "developer")
		s.addBeta(t)
		dana, sam := s.signInAt(t, "acme", danaEmail, danaPassword), s.signInAt(t, "acme", samEmail, samPassword)
		ben := s.signInAt(t, "beta", benEmail, benPassword)
		danas, sams := dana.addKey("=1+1"), sam.addKey("Sam’s")
		one, two := dana.keyID("=1+1"), sam.keyID("Sam’s")
		act := func(c *client, act, number string, more url.Values) string {
			t.Helper()
			form := fields("act", act, "number", number)
			for name, values := range more {
				form[name] = values
			}
			a := c.want(c.post("/settings/api-keys/selected", form), http.StatusSeeOther)
			return c.awaitJob(a.location()).body
		}
		both := url.Values{"key": {one, two}}
		// Sam may change his own only; the other is not touched.
		if page := act(sam, "disable", "2", both); !strings.Contains(page, "2 of 2 keys looked at: 1 disabled, 1 not changed") {
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
		dana.want(dana.post("/settings/general/keys", fields("max_days", "30", "full_access", "")), http.StatusSeeOther)
		if page := act(dana, "expire", "2", url.Values{"key": {one, two}, "expires": {"90d"}}); !strings.Contains(page, "0 changed, 2 not changed") {
			t.Errorf("an end beyond the policy: %s", page)
		}
		dana.want(dana.post("/settings/api-keys/selected", url.Values{"act": {"expire"}, "number": {"2"}, "key": {one, two}, "expires": {"soon"}}), http.StatusUnprocessableEntity, "Give a date and time")
		dana.want(dana.post("/settings/api-keys/selected", fields("act", "explode", "number", "1", "key", one)), http.StatusUnprocessableEntity)
		dana.want(dana.post("/settings/api-keys/selected", fields("act", "revoke")), http.StatusOK, "No key is chosen")
		dana.want(dana.post("/settings/api-keys/selected", fields("act", "revoke", "all", "yes", "number", "3")), http.StatusOK, "Revoke 2 keys?") // not as many as were named
		if page := act(dana, "expire", "2", url.Values{"all": {"yes"}, "q": {"sam"}, "number": {"1"}, "expires": {"30d"}}); !strings.Contains(page, "1 of 1 key looked at: 1 changed") {
			t.Errorf("all that match: %s", page)
		}

		table, err := csv.NewReader(strings.NewReader(dana.want(dana.get("/settings/api-keys.csv?sort=name"), http.StatusOK).body)).ReadAll()
		if err != nil || len(table) != 3 || table[1][1] != "'=1+1" {
			t.Errorf("%v %v", table, err)
		}
		if lines := strings.Count(sam.want(sam.get("/settings/api-keys.jsonl"), http.StatusOK).body, "\n"); lines != 1 {
			t.Errorf("Sam exports %d keys", lines)
		}
		dana.want(dana.post("/settings/general/keys", fields("full_access", "")), http.StatusSeeOther)
		for i := range 60 {
			sam.addKey(fmt.Sprintf("Key %02d", i))
		}
		first := dana.want(dana.get("/settings/api-keys?sort=name"), http.StatusOK, "Key 48").body
		_, after, _ := strings.Cut(first, `rel="next" href="`)
		next, _, _ := strings.Cut(after, `"`)
		next = strings.ReplaceAll(next, "&amp;", "&")
		dana.want(dana.get(next), http.StatusOK, "Key 59")
		for what, path := range map[string]string{
			"of another order": strings.Replace(next, "sort=name", "sort=created", 1), "altered": next + "x", "of nothing": "/settings/api-keys?sort=name&after=~.key_x",
			"an unknown order": "/settings/api-keys?sort=colour",
		} {
			if a := dana.get(path); a.status != http.StatusOK {
				t.Errorf("a cursor %s gets %d", what, a.status)
			}
		}
		// A cursor of one workspace shows nothing of it in another.
		if a := ben.want(ben.get(next), http.StatusOK); strings.Contains(a.body, "Key 5") {
			t.Error("a cursor carries rights")
		}
	})
}
