package e2e

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	bigendian "encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// totp returns the code of an authenticator app (RFC 6238), some steps of 30
// seconds from now.
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

// TestAuthenticatorApp sets up an authenticator app, signs in with a code and
// with a recovery code, and removes it.
func TestAuthenticatorApp(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.secret(danaPassword)
	s.setUp(t)
	p := s.openSignedIn(t, phone)
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
}
