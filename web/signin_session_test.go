package web

import (
	"net/http"
	"strings"
	"testing"
)

// TestSessionsAreOnesOwn tries to see and end others'.
func TestSessionsAreOnesOwn(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	s.addSam(t, "owner")
	other := s.signIn(t, testOwner)
	page := dana.fetch("/account/sessions").want(http.StatusOK, "This browser")
	_, after, _ := strings.Cut(page.body, `action="/account/sessions/ses_`)
	end, _, _ := strings.Cut(after, `"`)
	end = "/account/sessions/ses_" + end
	sam := s.signIn(t, samEmail)
	if list := sam.fetch("/account/sessions").want(http.StatusOK); strings.Count(list.body, "<tr") != 2 {
		t.Errorf("Sam has one session:\n%s", list.unescaped())
	}
	sam.post(end, nil).want(http.StatusNotFound)
	other.fetch("/settings/api-keys").want(http.StatusOK)
	dana.post(end, nil).want(http.StatusSeeOther)
	dana.post(end, nil).want(http.StatusNotFound)
	dana.post("/account/sessions/end-others", nil).want(http.StatusNotFound)
	if n := s.count(t, `SELECT COUNT(*) FROM events WHERE action = 'session.ended'`); n != 1 {
		t.Errorf("%d endings are in the audit trail", n)
	}
}
