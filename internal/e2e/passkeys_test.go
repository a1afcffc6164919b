package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
)

// authenticator adds a virtual authenticator that creates passkeys and verifies
// the user.
func (p *page) authenticator() webauthn.AuthenticatorID {
	p.t.Helper()
	call(p, webauthn.Enable, webauthn.EnableParams{})
	device := &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}
	params := webauthn.AddVirtualAuthenticatorParams{Options: device}
	return call(p, webauthn.AddVirtualAuthenticator, params).AuthenticatorID
}

// addPasskey adds a passkey on the security page.
func (p *page) addPasskey(name string) {
	p.t.Helper()
	p.goTo("/account/security")
	p.fill("Name of the new passkey", name)
	p.click("Add passkey")
	p.see("The passkey is added. It signs you in by itself.")
}

func (p *page) signOut() {
	p.t.Helper()
	p.click("Settings")
	p.click("Sign out")
	p.see("You are signed out.")
}

// TestPasskeys adds a passkey, signs in with it, steps up with it, and removes
// it.
func TestPasskeys(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.secret(danaPassword)
	s.setUp(t)
	p := s.openSignedIn(t, desktop)
	device := p.authenticator()
	p.goTo("/account/security")
	p.click("Add passkey")
	p.see("Give it a name, such as the device that it is on.")
	p.addPasskey("Laptop")
	p.step(1, "security with a passkey")
	p.signOut()
	p.step(2, "sign in")
	p.click("Sign in with a passkey")
	p.see("No API keys yet")
	p.goTo("/account/security")
	p.see("last used just now")
	growOld(t, s.database)
	p.click("Remove the passkey Laptop")
	p.see("Confirm that it is you")
	p.step(3, "confirm")
	p.click("Confirm with a passkey")
	p.see("You sign in as")
	p.signOut()
	call(p, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: device, IsUserVerified: false})
	p.click("Sign in with a passkey")
	p.see("No passkey was used. Try again, or go on in another way.")
	call(p, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: device, IsUserVerified: true})
	p.click("Sign in with a passkey")
	p.see("No API keys yet")
	p.goTo("/account/security")
	p.click("Remove the passkey Laptop")
	p.see("The passkey is removed.")
	p.signOut()
	p.click("Sign in with a passkey")
	p.see("This passkey was not accepted.")
	p.step(4, "refused")
}

// TestSignInPolicy requires a second factor, then passkeys, and signs in as
// users who have none.
func TestSignInPolicy(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	dana := s.setUp(t)
	s.addSam(t, "developer")
	sam := s.signIn(t, samEmail, samPassword)
	key := sam.addKey("Sam’s")
	policy := func(c *client, require, days string, status int, says ...string) {
		t.Helper()
		c.want(c.post("/settings/general/sign-in", fields("require", require, "days", days)), status, says...)
	}
	policy(sam, "", "0", http.StatusForbidden)
	policy(dana, "passkey", "0", http.StatusUnprocessableEntity, "You don’t meet this yourself.")
	p := s.openSignedIn(t, desktop)
	p.authenticator()
	p.addPasskey("Laptop")
	p.goTo("/settings/general")
	p.click("A second factor")
	p.click("In 7 days")
	p.click("Save how to sign in")
	p.see("Saved.")
	p.see("Set so far: a second factor")
	p.step(1, "policy")
	sam.want(sam.get("/settings/api-keys"), http.StatusOK, "on, Acme requires a second factor.")
	dana.want(dana.get("/settings/api-keys"), http.StatusOK, "on, Acme requires a second factor.")
	p.goTo("/settings/general")
	p.click("A second factor")
	p.click("Now")
	p.click("Save how to sign in")
	p.see("Saved.")

	// A user without a second factor can only add one. Their keys still work.
	for _, path := range []string{"/settings/api-keys", "/settings/members", "/"} {
		if a := sam.want(sam.get(path), http.StatusSeeOther); a.location() != "/account/security" {
			t.Errorf("%s leads to %q", path, a.location())
		}
	}
	sam.want(sam.post("/settings/api-keys", keyForm("more", "n")), http.StatusSeeOther)
	sam.want(sam.get("/api/v1/me"), http.StatusUnauthorized)
	sam.want(sam.get("/account/security"), http.StatusOK, "Acme requires a second factor.")
	if n := count(t, s.database, `SELECT COUNT(*) FROM keys`); n != 1 ||
		s.verify(t, key).status != http.StatusNoContent {
		t.Errorf("%d keys, and Sam’s is %d", n, s.verify(t, key).status)
	}
	page := sam.want(sam.get("/account/security/totp"), http.StatusOK)
	secret := strings.ReplaceAll(totpSecret.FindString(page.text()), " ", "")
	s.secret(secret)
	done := sam.want(sam.post("/account/security/totp", fields("secret", secret, "code", totp(t, secret, -1))),
		http.StatusOK)
	codes := recoveryCode.FindAllString(done.text(), -1)
	for _, code := range codes {
		s.secret(code)
	}
	sam.want(sam.get("/settings/api-keys"), http.StatusOK)

	// A code does not satisfy a policy that requires a passkey.
	p.goTo("/settings/general")
	p.click("A passkey")
	p.click("Save how to sign in")
	p.see("Saved.")
	sam.want(sam.get("/settings/api-keys"), http.StatusSeeOther)
	sam.want(sam.post("/confirm", fields("code", codes[0], "next", "/")), http.StatusSeeOther)
	sam.want(sam.get("/settings/api-keys"), http.StatusSeeOther)
	fresh := s.newClient(t)
	half := fresh.want(fresh.post("/sign-in", fields("email", samEmail, "password", samPassword)), http.StatusOK,
		"Enter your code")
	_, after, _ := strings.Cut(half.body, `name="token" value="`)
	token, _, _ := strings.Cut(after, `"`)
	s.secret(token)
	fresh.want(fresh.post("/sign-in/code", fields("token", token, "code", codes[1])), http.StatusSeeOther)
	fresh.want(fresh.get("/settings/api-keys"), http.StatusSeeOther)
	p.goTo("/settings/api-keys")
	p.see("1 active key")

	// The operator can lift the policy.
	s.keylodge(t, "workspace", "lift-sign-in-policy", "--slug", "acme")
	sam.want(sam.get("/settings/api-keys"), http.StatusOK)
}
