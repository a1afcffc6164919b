package e2e

import (
	"net/http"
	"testing"
)

// TestOverviewAndBulk goes from the overview to the lists that it counts, and
// changes many keys at once.
func TestOverviewAndBulk(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	dana := s.setUp(t)
	dana.addKey("Alpha")
	used := dana.addKey("Beta")
	dana.addKey("Gamma")
	s.verify(t, used)
	p := s.openSignedIn(t, desktop)
	p.goTo(s.url + "/")
	p.see("3 keys of Acme can be used now.")
	p.see("Owners without a second factor")
	p.reloadUntil("1 let through")
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
}
