package web

import (
	"net/http"
	"testing"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// TestARevokedKeyIsNotCalledEnabled sends the forms of a key page that was
// opened before the key was revoked.
func TestARevokedKeyIsNotCalledEnabled(t *testing.T) {
	s := newTestServer(t)
	dana := s.newOwner(t)
	path := paths.Keys + "/" + s.newKey(t, "acme", workspace.NewKey{Name: "Old"}).ID
	opened := dana.get(path)
	disabled := dana.submit(opened, "Disable", nil).want(http.StatusOK, "The key is disabled")
	dana.post(path+"/revoke", nil).want(http.StatusSeeOther)
	for _, p := range []*page{dana.submit(opened, "Disable", nil), dana.submit(disabled, "Enable", nil)} {
		p.want(http.StatusOK, "the key is revoked")
		p.wantNoText("The key is enabled", "The key is disabled")
	}
}
