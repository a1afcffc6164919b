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

// TestEveryWayInWantsTheCode tries each flow that a password begins.
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

	// A user who has lost app and codes asks the operator.
	if err := s.Service.RemoveTOTPOf(t.Context(), testOwner); err != nil {
		t.Fatal(err)
	}
	if err := s.Service.RemoveTOTPOf(t.Context(), testOwner); workspace.KindOf(err) != workspace.NotFound {
		t.Errorf("a second removal: %v", err)
	}
	again := s.newClient(t).at("acme")
	again.post("/sign-in", fields("email", testOwner, "password", newPassword)).want(http.StatusSeeOther)
}

// totpCode returns the code of an authenticator app (RFC 6238), some steps of
// 30 seconds from now.
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

// TestAuthenticatorApp sets up an authenticator app, signs in with a code and
// with a recovery code, and removes it.
func TestAuthenticatorApp(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.secret(testPassword)
	s.newOwner(t)
	p := s.openTabSignedIn(t)
	p.goTo("/account/security")
	p.click("Set up")
	p.see("Set up an authenticator app")
	p.fill("Code", "000000")
	p.click("Turn on")
	p.see("This is not the present code.")
	secret := strings.ReplaceAll(totpSecret.FindString(p.text()), " ", "")
	s.secret(secret)
	p.fill("Code", totpCode(t, secret, -1))
	p.click("Turn on")
	p.see("Keep your recovery codes")
	codes := recoveryCode.FindAllString(p.text(), -1)
	if len(codes) != 10 {
		t.Fatalf("%d recovery codes:\n%s", len(codes), p.text())
	}
	for _, code := range codes {
		s.secret(code)
	}
	p.click("I have saved them")
	p.see("You have 10 recovery codes left.")

	enter := func(code string) {
		t.Helper()
		p.click("Settings")
		p.click("Sign out")
		p.see("You are signed out.")
		p.fillSignIn(testOwner, testPassword)
		p.see("Enter your code")
		p.fill("Code", code)
		p.click("Sign in")
	}
	enter("12345")
	p.see("This code is wrong, or has been used. Enter the next one.")
	p.fill("Code", totpCode(t, secret, 0))
	p.click("Sign in")
	p.see("No API keys yet")
	enter(codes[0])
	p.see("No API keys yet")
	p.goTo("/account/security")
	p.see("You have 9 recovery codes left.")
	p.click("New recovery codes")
	p.see("Keep your recovery codes")
	for _, code := range recoveryCode.FindAllString(p.text(), -1) {
		s.secret(code)
	}
	p.click("I have saved them")
	p.see("You have 10 recovery codes left.")
	p.click("Remove")
	p.see("Your password alone signs you in.")
	p.see("Set up")
}
