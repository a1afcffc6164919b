package web

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestEveryWayInWantsTheCode tries each way that a password opens.
func TestEveryWayInWantsTheCode(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addBeta(t)
	dana, ben := s.signInAt(t, "acme", testOwner), s.signInAt(t, "beta", benEmail)
	page := dana.fetch("/account/security/totp").want(http.StatusOK)
	secret := strings.ReplaceAll(totpSecret.FindString(page.unescaped()), " ", "")
	s.secret(secret)
	done := dana.post("/account/security/totp", fields("secret", secret, "code", totpCode(t, secret, -1))).
		want(http.StatusOK)
	for _, code := range recoveryCode.FindAllString(done.unescaped(), -1) {
		s.secret(code)
	}
	signedIn := func(c *client) bool { return c.fetch("/account/sessions").status == http.StatusOK }

	c := s.newClient(t).at("acme")
	half := c.post("/sign-in", fields("email", testOwner, "password", testPassword)).
		want(http.StatusOK, "Enter your code")
	if setCookies(half)["session"] != nil || signedIn(c) {
		t.Error("the password alone signs in")
	}
	joiner := s.newClient(t).at("beta")
	joiner.join(ben.invite(testOwner, "developer"), "", testPassword).want(http.StatusOK, "Enter your code")
	if signedIn(joiner) {
		t.Error("an invitation and the password sign in")
	}
	token := s.resetToken(t, testOwner)
	c.post("/reset-password", fields("token", token, "password", newPassword)).want(http.StatusSeeOther)
	half = c.post("/sign-in", fields("email", testOwner, "password", newPassword)).
		want(http.StatusOK, "Enter your code")
	if signedIn(c) || signedIn(dana) {
		t.Error("a reset password signs in, or leaves a session")
	}
	_, after, _ := strings.Cut(half.body, `name="token" value="`)
	token, _, _ = strings.Cut(after, `"`)
	s.secret(token)
	c.post("/sign-in/code", fields("token", token, "code", totpCode(t, secret, 0), "next", "//evil.example")).
		want(http.StatusSeeOther)
	if !signedIn(c) {
		t.Error("the code does not sign in")
	}

	// Who has lost everything asks whoever runs Keylodge.
	if err := s.Service.RemoveTOTPOf(t.Context(), testOwner); err != nil {
		t.Fatal(err)
	}
	if err := s.Service.RemoveTOTPOf(t.Context(), testOwner); workspace.KindOf(err) != workspace.NotFound {
		t.Errorf("a second removal: %v", err)
	}
	again := s.newClient(t).at("acme")
	again.post("/sign-in", fields("email", testOwner, "password", newPassword)).want(http.StatusSeeOther)
}

// totpCode is what an authenticator app shows (RFC 6238), some steps of 30
// seconds from now.
func totpCode(t testing.TB, secret string, steps int64) string {
	t.Helper()
	key, err := base32.StdEncoding.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, key)
	binary.Write(mac, binary.BigEndian, time.Now().Unix()/30+steps)
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}

var (
	totpSecret   = regexp.MustCompile(`(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}`)
	recoveryCode = regexp.MustCompile(`[0-9a-v]{4}(?:-[0-9a-v]{4}){3}`)
)
