package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/smtptest"
)

// TestARequestedEmailChangeCanBeCanceled follows the link that the present
// email address gets, and then the link that would confirm the new one.
func TestARequestedEmailChangeCanBeCanceled(t *testing.T) {
	t.Parallel()
	database := sqliteFile(t)
	post := smtptest.New(t)
	s := start(t, database, "--smtp-url", post.URL)
	dana := s.setUp(t)
	s.addSam(t, "developer")
	sam := s.signIn(t, samEmail, samPassword)
	dana.want(dana.post("/account/security/email", fields("email", "mallory@evil.example")), http.StatusSeeOther)
	confirm := s.linkIn(t, oneOf(t, post, 1, 2, sentTo("mallory@evil.example")))
	cancel := s.linkIn(t, oneOf(t, post, 1, 2, sentTo(danaEmail)))
	token := func(link string) string { return strings.SplitAfter(link, "token=")[1] }

	stranger := s.newClient(t)
	a := stranger.want(stranger.get(confirm), http.StatusSeeOther)
	if !strings.HasPrefix(a.location(), "/sign-in?next=") {
		t.Errorf("without a session, the link that confirms leads to %q", a.location())
	}
	stranger.want(stranger.post("/confirm-email", fields("token", token(confirm))), http.StatusSeeOther)
	sam.want(sam.get(confirm), http.StatusForbidden, "This link is for another account.")
	sam.want(sam.post("/confirm-email", fields("token", token(confirm))), http.StatusForbidden)
	dana.want(dana.get(confirm), http.StatusOK, "Use this address")
	stranger.want(stranger.post("/cancel-email-change", fields("token", token(confirm))), http.StatusGone)

	stranger.want(stranger.get(cancel), http.StatusOK, "mallory@evil.example", "Cancel the change")
	stranger.want(stranger.get(cancel), http.StatusOK, "Cancel the change")
	stranger.want(stranger.post("/cancel-email-change", fields("token", token(cancel))), http.StatusOK,
		"The change is canceled")
	stranger.want(stranger.post("/cancel-email-change", fields("token", token(cancel))), http.StatusGone,
		"There is no change to cancel")
	dana.want(dana.post("/confirm-email", fields("token", token(confirm))), http.StatusGone)

	// A change that waits for its link dies with a reset, also when the
	// server starts again.
	dana.want(dana.post("/account/security/email", fields("email", "mallory@evil.example")), http.StatusSeeOther)
	confirm = s.linkIn(t, oneOf(t, post, 4, 5, sentTo("mallory@evil.example")))
	_, reset, _ := strings.Cut(strings.TrimSpace(s.keylodge(t, "user", "reset-link", "--email", danaEmail)),
		"token=")
	s.secret(reset)
	stranger.want(stranger.post("/reset-password", fields("token", reset, "password", newPassword)),
		http.StatusSeeOther)
	s.stop()
	s = start(t, database, "--smtp-url", post.URL)
	dana = s.signIn(t, danaEmail, newPassword)
	dana.want(dana.post("/confirm-email", fields("token", token(confirm))), http.StatusGone)
}
