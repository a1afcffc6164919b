package e2e

import "testing"

// TestFinder goes from the base host of an installation with two workspaces to
// the host of one of them. The page's policy must allow the form to lead there.
func TestFinder(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.setUp(t)
	s.addBeta(t)
	for _, v := range []viewport{desktop, {width: 360}} {
		t.Run(v.String(), func(t *testing.T) {
			p := s.open(t, v)
			p.goTo("/")
			p.see("Find your workspace")
			p.step(1, "finder")
			p.fill("Workspace address", "gamma")
			p.click("Continue")
			p.see("There is no workspace at this address.")
			p.fill("Workspace address", "beta")
			p.click("Continue")
			p.see("Beta")
			p.see("Sign in")
		})
	}
}
