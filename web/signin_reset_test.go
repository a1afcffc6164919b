package web

import (
	"net/http"
	"testing"
)

// TestFinderSaysThatThePasswordIsSet opens a reset link of an installation with
// several workspaces.
func TestFinderSaysThatThePasswordIsSet(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addBeta(t)
	token := s.resetToken(t, testOwner)
	c := s.newClient(t)
	a := c.post("/reset-password", fields("token", token, "password", newPassword)).want(http.StatusSeeOther)
	c.fetch(a.location()).
		want(http.StatusOK, "Your password is set. Sign in with it in your workspace.", "Find your workspace")
}
