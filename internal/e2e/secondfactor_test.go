package e2e

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	bigendian "encoding/binary"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// totp is what an authenticator app shows (RFC 6238), some steps of 30 seconds
// from now.
func totp(t testing.TB, secret string, steps int64) string {
	t.Helper()
	key, err := base32.StdEncoding.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, key)
	bigendian.Write(mac, bigendian.BigEndian, time.Now().Unix()/30+steps)
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", bigendian.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}

var (
	totpSecret   = regexp.MustCompile(`(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}`)
	recoveryCode = regexp.MustCompile(`[0-9a-v]{4}(?:-[0-9a-v]{4}){3}`)
)

// TestAuthenticatorApp sets one up, signs in with it and with a recovery code,
// and removes it.
func TestAuthenticatorApp(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desktop, {scripts: false, width: 360, dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			s := start(t, sqliteFile(t))
			s.secret(danaPassword)
			s.setUp(t)
			p := s.openSignedIn(t, l)
			p.goTo("/account/security")
			p.click("Set up")
			p.see("Set up an authenticator app")
			p.step(1, "authenticator")
			p.fill("Code", "000000")
			p.click("Turn on")
			p.see("This is not the present code.")
			secret := strings.ReplaceAll(totpSecret.FindString(p.text()), " ", "")
			s.secret(secret)
			p.fill("Code", totp(t, secret, -1))
			p.click("Turn on")
			p.see("Keep your recovery codes")
			p.step(2, "recovery codes")
			codes := recoveryCode.FindAllString(p.text(), -1)
			if len(codes) != 10 {
				t.Fatalf("%d recovery codes:\n%s", len(codes), p.text())
			}
			for _, code := range codes {
				s.secret(code)
			}
			p.click("I have saved them")
			p.see("You have 10 recovery codes left.")
			p.step(3, "security with an authenticator")

			enter := func(code string) {
				t.Helper()
				p.click("Settings")
				p.click("Sign out")
				p.see("You are signed out.")
				fillSignIn(p, danaEmail, danaPassword)
				p.see("Enter your code")
				p.fill("Code", code)
				p.click("Sign in")
			}
			enter("12345")
			p.see("This code is wrong, or has been used. Enter the next one.")
			p.step(4, "code")
			p.fill("Code", totp(t, secret, 0))
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
		})
	}
}

// TestEveryWayInWantsTheCode tries each way that a password opens.
func TestEveryWayInWantsTheCode(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.setUp(t)
		s.addBeta(t)
		dana, ben := s.signInAt(t, "acme", danaEmail, danaPassword), s.signInAt(t, "beta", benEmail, benPassword)
		page := dana.want(dana.get("/account/security/totp"), http.StatusOK)
		secret := strings.ReplaceAll(totpSecret.FindString(page.text()), " ", "")
		s.secret(secret)
		done := dana.want(dana.post("/account/security/totp", fields("secret", secret, "code", totp(t, secret, -1))), http.StatusOK)
		for _, code := range recoveryCode.FindAllString(done.text(), -1) {
			s.secret(code)
		}
		signedIn := func(c *client) bool { return c.get("/account/sessions").status == http.StatusOK }

		c := s.newClient(t).at("acme")
		half := c.want(c.post("/sign-in", fields("email", danaEmail, "password", danaPassword)), http.StatusOK, "Enter your code")
		if setCookies(half)["session"] != nil || signedIn(c) {
			t.Error("the password alone signs in")
		}
		joiner := s.newClient(t).at("beta")
		joiner.want(joiner.join(ben.invite(danaEmail, "developer"), "", danaPassword), http.StatusOK, "Enter your code")
		if signedIn(joiner) {
			t.Error("an invitation and the password sign in")
		}
		link := s.keylodge(t, "user", "reset-link", "--email", danaEmail)
		_, token, _ := strings.Cut(strings.TrimSpace(link), "token=")
		c.want(c.post("/reset-password", fields("token", token, "password", newPassword)), http.StatusSeeOther)
		half = c.want(c.post("/sign-in", fields("email", danaEmail, "password", newPassword)), http.StatusOK, "Enter your code")
		if signedIn(c) || signedIn(dana) {
			t.Error("a reset password signs in, or leaves a session")
		}
		_, after, _ := strings.Cut(half.body, `name="token" value="`)
		token, _, _ = strings.Cut(after, `"`)
		s.secret(token)
		c.want(c.post("/sign-in/code", fields("token", token, "code", totp(t, secret, 0), "next", "//evil.example")), http.StatusSeeOther)
		if !signedIn(c) {
			t.Error("the code does not sign in")
		}

		// Who has lost everything asks whoever runs Keylodge.
		s.keylodge(t, "user", "remove-totp", "--email", danaEmail)
		s.fails(t, "", "no second factor", "user", "remove-totp", "--email", danaEmail)
		again := s.newClient(t).at("acme")
		again.want(again.post("/sign-in", fields("email", danaEmail, "password", newPassword)), http.StatusSeeOther)
	})
}
