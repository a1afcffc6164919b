package web

import (
	"net/http"
	"testing"
)

// TestGuessingThePresentPassword is slowed down as it is at sign-in.
func TestGuessingThePresentPassword(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	for path, field := range map[string]string{"/account/security/password": "current_password",
		"/confirm": "password"} {
		last := &page{}
		for range 12 {
			last = dana.post(path, fields(field, "a wrong password", "password", newPassword))
		}
		if last.want(http.StatusTooManyRequests, "Too many wrong tries."); last.header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", path)
		}
	}
}
