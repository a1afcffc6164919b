package web

import (
	"net/http"
	"testing"

	"github.com/keylodge/keylodge/internal/paths"
)

// TestNoticesOfMembersAreTrue opens links whose notices are false for an active
// member.
func TestNoticesOfMembersAreTrue(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	w, err := s.Service.OnlyWorkspace(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	owners, err := s.Service.Managers(t.Context(), w.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"removed", "deactivated", "active", "edited"} {
		p := dana.get(paths.Members + "?done=" + name + "&member=" + owners[0].UserID).want(http.StatusOK)
		if p.has("#notice") {
			t.Errorf("done=%s: %q", name, p.texts("#notice"))
		}
	}
	dana.get(paths.Members+"?done=changed&member="+owners[0].UserID).want(http.StatusOK, "is active as owner.")
}
