package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/oidctest"
)

// TestWhoMaySignOn signs in with a provider as different users, and checks who
// may and with which role.
func TestWhoMaySignOn(t *testing.T) {
	t.Parallel()
	idp := oidctest.New(t)
	s := newTestServer(t, localIssuers)
	s.newOwner(t)
	s.addSam(t, "developer")
	s.addBeta(t)
	dana, ben := s.signInAt(t, "acme", testOwner), s.signInAt(t, "beta", benEmail)
	id := dana.addProvider(idp, "new_role", "auditor", "domains", "acme.example", "role_claim", "groups", "role_map",
		"ops team = developer\nbosses=admin")
	stranger := func() *client { return s.newClient(t).at("acme") }
	user := func(subject, email string, verified any, groups ...string) oidctest.Person {
		return oidctest.Person{
			Subject:       subject,
			Email:         email,
			EmailVerified: verified,
			Name:          subject,
			Claims:        map[string]any{"groups": groups},
		}
	}
	role := func(email string) string {
		t.Helper()
		return value[string](t, s, `SELECT m.role FROM members m JOIN users u ON u.id = m.user_id
			JOIN workspaces w ON w.id = m.workspace_id WHERE w.slug = 'acme' AND u.email = $1`, email)
	}
	for name, c := range map[string]struct {
		who    oidctest.Person
		status int
		says   string
	}{
		"an unverified email": {user("1", "new@acme.example", false), http.StatusForbidden,
			"you are no member here"},
		"an email without a claim that it is verified": {user("2", "new@acme.example", nil), http.StatusForbidden,
			"you are no member here"},
		"verified as a string": {user("3", "new@acme.example", "true"), http.StatusForbidden,
			"you are no member here"},
		"another domain": {user("4", "new@evil.example", true), http.StatusForbidden,
			"you are no member here"},
		"a domain with the same suffix": {user("5", "new@notacme.example", true), http.StatusForbidden,
			"you are no member here"},
		"no email": {user("6", "", true), http.StatusForbidden, "you are no member here"},
		"the email of a member": {user("7", testOwner, true), http.StatusForbidden,
			"There is an account with your address already."},
		"the email of a member elsewhere": {user("8", strings.ReplaceAll(benEmail, "beta", "beta"), true),
			http.StatusForbidden, ""},
	} {
		t.Run(name, func(t *testing.T) {
			idp.SignInAs(c.who)
			browser := stranger().in(t)
			browser.signOn(idp, id).want(c.status, c.says)
			browser.fetch("/settings/members").want(http.StatusSeeOther)
		})
	}

	// Who is new joins, with the role of their claims, and comes back as
	// the same user whatever their email.
	idp.SignInAs(mei)
	meis := stranger()
	if a := meis.signOn(idp, id).want(http.StatusSeeOther); a.location() != "/settings/members" ||
		role("mei@acme.example") != "developer" {
		t.Errorf("Mei is led to %q as %q", a.location(), role("mei@acme.example"))
	}
	idp.SignInAs(user(mei.Subject, "married@acme.example", true, "bosses", "ops team"))
	again := stranger()
	again.signOn(idp, id).want(http.StatusSeeOther)
	if got := role("mei@acme.example"); got != "admin" || s.count(t, `SELECT COUNT(*) FROM users`) != 4 {
		t.Errorf("Mei is %q, and there are %d users", got, s.count(t, `SELECT COUNT(*) FROM users`))
	}
	idp.SignInAs(user(mei.Subject, "married@acme.example", true, "staff"))
	again.signOn(idp, id).want(http.StatusSeeOther)
	again.fetch("/settings/sign-on/new").want(http.StatusForbidden)
	if got := role("mei@acme.example"); got != "auditor" {
		t.Errorf("Mei has left the group and is %q", got)
	}
	idp.SignInAs(user("plain", "plain@acme.example", true))
	plain := stranger()
	plain.signOn(idp, id).want(http.StatusSeeOther)
	if got := role("plain@acme.example"); got != "auditor" {
		t.Errorf("who has no group is %q", got)
	}
	dana.post(dana.memberPath("plain"), fields("role", "auditor", "active", "false")).want(http.StatusSeeOther)
	plain.signOn(idp, id).want(http.StatusForbidden)
	dana.post(dana.memberPath("plain")+"/remove", fields("keys", "revoke")).want(http.StatusSeeOther)
	plain.signOn(idp, id).want(http.StatusForbidden) // whoever the provider still knows
	dana.invite("plain@acme.example", "auditor")
	plain.signOn(idp, id).want(http.StatusSeeOther)

	// An invitation is honored for an address in the provider's domains,
	// and for others by its link only.
	dana.invite("in@acme.example", "admin")
	link := dana.invite("out@side.example", "admin")
	idp.SignInAs(user("in", "in@acme.example", true))
	in := stranger()
	in.signOn(idp, id).want(http.StatusSeeOther)
	if got := role("in@acme.example"); got != "admin" {
		t.Errorf("the invited member is %q", got)
	}
	idp.SignInAs(user("out", "out@side.example", true))
	out := stranger()
	out.signOn(idp, id).want(http.StatusForbidden, "open the link of your invitation")
	out.join(link, "Out", linaPassword).want(http.StatusSeeOther)

	// Only its user can link an account. A matching email does not.
	sam := s.signInAt(t, "acme", samEmail)
	idp.SignInAs(user("sam", "other@acme.example", true))
	back := sam.goOnAt(idp, "/account/security/providers/"+id)
	thief := s.signInAt(t, "acme", testOwner)
	thief.fetch("/sign-in/callback?" + back.Encode()).want(http.StatusGone)
	sam.fetch("/sign-in/callback?" + back.Encode()).want(http.StatusSeeOther)
	sam.fetch("/sign-in/callback?" + back.Encode()).want(http.StatusGone)
	linked := stranger()
	linked.signOn(idp, id).want(http.StatusSeeOther)
	linked.fetch("/account/security").want(http.StatusOK, samEmail)
	dana.fetch("/sign-in/callback?"+dana.goOnAt(idp, "/account/security/providers/"+id).Encode()).
		want(http.StatusConflict, "linked already")

	// A provider's word alone changes no other way in.
	linked.fetch("/account/security/totp").want(http.StatusSeeOther)
	linked.post("/account/security/passkeys/options", nil).want(http.StatusSeeOther)
	linked.post("/account/security/password", fields("current_password", "", "password", newPassword)).
		want(http.StatusUnprocessableEntity)
	linked.post("/confirm", fields("password", testPassword)).want(http.StatusSeeOther)
	linked.fetch("/account/security/totp").want(http.StatusOK)
	sam.post("/account/security/providers/"+id+"/unlink", nil).want(http.StatusSeeOther)
	unlinked := stranger()
	unlinked.signOn(idp, id).want(http.StatusSeeOther)
	unlinked.fetch("/account/security").
		want(http.StatusOK, "You sign in as other@acme.example.")
		// an account of its own

	// A provider is one workspace's.
	ben.post("/sign-in/with/"+id, nil).want(http.StatusNotFound)
	ben.post("/settings/sign-on/"+id+"/remove", nil).want(http.StatusNotFound)
	ben.post("/settings/sign-on/"+id, providerForm(idp)).want(http.StatusNotFound)
}

// TestAdminGainsNoOwnerByAProvider has an admin run a provider that asserts the
// email of an invited owner, and try to withdraw that invitation.
func TestAdminGainsNoOwnerByAProvider(t *testing.T) {
	t.Parallel()
	const ceo = "ceo@acme.example"
	idp := oidctest.New(t)
	s := newTestServer(t, localIssuers)
	dana := s.newOwner(t)
	s.addSam(t, "admin")
	sam := s.signInAt(t, "acme", samEmail)
	link := dana.invite(ceo, "owner")
	id := sam.addProvider(idp, "new_role", "admin", "domains", "acme.example", "role_claim", "groups", "role_map",
		"all = admin")
	idp.SignInAs(oidctest.Person{Subject: "ceo", Email: ceo, EmailVerified: true,
		Claims: map[string]any{"groups": "all"}})
	attacker := s.newClient(t).at("acme")
	attacker.signOn(idp, id).want(http.StatusForbidden, "open the link of your invitation")

	a := sam.fetch("/settings/members").want(http.StatusOK, ceo)
	if strings.Contains(a.body, "/withdraw") || strings.Contains(a.body, "New link") {
		t.Error("the page offers an admin to replace or withdraw an owner's invitation")
	}
	invitation := value[string](t, s, `SELECT id FROM invitations`)
	withdraw := "/settings/members/invitations/" + invitation + "/withdraw"
	sam.post(withdraw, nil).want(http.StatusForbidden, "Only an owner can replace or withdraw that.")
	sam.post("/settings/members/invite", fields("emails", ceo, "role", "developer")).
		want(http.StatusUnprocessableEntity, "Only an owner can replace or withdraw that.")

	attacker.signOn(idp, id).want(http.StatusForbidden)
	if n := s.count(t, `SELECT COUNT(*) FROM users WHERE email = 'ceo@acme.example'`); n != 0 {
		t.Errorf("%d accounts in the name of the invited owner", n)
	}
	a = dana.fetch("/settings/members").want(http.StatusOK, ceo)
	if !strings.Contains(a.body, withdraw) {
		t.Error("an owner is not offered to withdraw the invitation")
	}
	victim := s.newClient(t).at("acme")
	victim.join(link, "Ceo", linaPassword).want(http.StatusSeeOther)
	victim.fetch("/settings/general/delete").want(http.StatusOK) // which is for owners
}

// TestSignOnPolicy requires a provider: every other sign-in method is refused.
func TestSignOnPolicy(t *testing.T) {
	t.Parallel()
	idp := oidctest.New(t)
	s := newTestServer(t, localIssuers)
	dana := s.newOwner(t)
	id := dana.addProvider(idp)
	policy := fields("require", "provider", "days", "0")
	dana.post("/settings/general/sign-in", policy).want(http.StatusUnprocessableEntity, "You don’t meet this yourself.")
	idp.SignInAs(oidctest.Person{Subject: "dana", Email: testOwner, EmailVerified: true})
	dana.fetch("/sign-in/callback?" + dana.goOnAt(idp, "/account/security/providers/"+id).Encode()).
		want(http.StatusSeeOther)
	boss := s.newClient(t)
	boss.signOn(idp, id).want(http.StatusSeeOther)
	boss.post("/settings/general/sign-in", policy).want(http.StatusSeeOther)
	boss.fetch("/settings/api-keys").want(http.StatusOK)
	dana.fetch("/settings/api-keys").want(http.StatusSeeOther)
	dana.fetch("/account/security").want(http.StatusOK, "Acme requires single sign-on.")
	boss.post("/settings/sign-on/"+id+"/remove", nil).want(http.StatusConflict, "this is the last one")

	// A proof of long ago proves nothing; a new one keeps what the session is.
	s.growOld(t)
	idp.Misbehave(oidctest.ClaimAt("auth_time", -time.Hour))
	back := boss.goOnAt(idp, "/confirm/with/"+id)
	boss.fetch("/sign-in/callback?"+back.Encode()).want(http.StatusForbidden, "did not ask you who you are just now")
	idp.Misbehave()
	back = boss.goOnAt(idp, "/confirm/with/"+id)
	boss.fetch("/sign-in/callback?" + back.Encode()).want(http.StatusSeeOther)
	boss.fetch("/settings/general/delete").want(http.StatusOK)
	s.liftSignInPolicy(t)
	dana.fetch("/settings/api-keys").want(http.StatusOK)
	for _, secret := range idp.Secrets() {
		s.secret(secret)
	}
}

// TestAccountsMadeInSomebodysName lets the provider of one workspace create an
// account with the email of a user who comes later. When that user proves that
// the email is theirs, no sign-in method of the other user is left.
func TestAccountsMadeInSomebodysName(t *testing.T) {
	t.Parallel()
	idp := oidctest.New(t)
	s := newTestServer(t, localIssuers)
	s.newOwner(t)
	s.addBeta(t)
	ben := s.signInAt(t, "beta", benEmail)
	id := ben.addProvider(idp, "new_role", "developer", "domains", "acme.example")
	idp.SignInAs(oidctest.Person{Subject: "evil", Email: linaEmail, EmailVerified: true})
	squatter := s.newClient(t).at("beta")
	squatter.signOn(idp, id).want(http.StatusSeeOther)

	dana := s.signInAt(t, "acme", testOwner)
	link := dana.invite(linaEmail, "admin")
	lina := s.newClient(t).at("acme")
	lina.join(link, "", linaPassword).want(http.StatusUnprocessableEntity, "You have an account here already")
	token := s.resetToken(t, linaEmail)
	lina.post("/reset-password", fields("token", token, "password", linaPassword)).want(http.StatusSeeOther)
	lina.join(link, "", linaPassword).want(http.StatusSeeOther)
	squatter.fetch("/settings/members").want(http.StatusSeeOther)
	again := s.newClient(t).at("beta")
	again.signOn(idp, id).want(http.StatusForbidden, "There is an account with your address already.")
	if n := s.count(t, `SELECT COUNT(*) FROM identities`); n != 0 {
		t.Errorf("%d identities are left", n)
	}
	for _, secret := range idp.Secrets() {
		s.secret(secret)
	}
}

// TestSignOn adds a provider in a browser, and joins with it.
func TestSignOn(t *testing.T) {
	t.Parallel()
	idp := oidctest.New(t)
	idp.SignInAs(mei)
	s := newTestServer(t, localIssuers)
	s.secret(idp.ClientSecret)
	s.newOwner(t)
	p := s.openTabSignedIn(t)
	p.click("Single sign-on")
	p.see("No identity provider yet")
	p.click("Add provider")
	p.fill("Name", "Acme Login")
	p.fill("Issuer", "https://127.0.0.1:1")
	p.fill("Client ID", idp.ClientID)
	p.click("Save")
	p.see("The provider can’t be reached.")
	p.fill("Issuer", idp.URL())
	p.fill("Client secret", idp.ClientSecret)
	p.click("Who may join, and as what")
	p.choose("Role for new people", "Developer")
	p.click("Save")
	p.see("Say whose addresses may join by themselves")
	p.fill("Allowed e-mail domains", "acme.example")
	p.fill("Client secret", idp.ClientSecret)
	p.click("Save")
	p.see("Try it: sign out, and sign in with it.")
	p.signOut()
	p.click("Sign in with Acme Login")
	_, to, _ := strings.Cut(p.page.attribute("meta[http-equiv=refresh]", "content"), "url=")
	p.goTo("/sign-in/callback?" + idp.Visit(t, to).Encode())
	p.see("No API keys yet")
	p.goTo("/account/security")
	p.see("You sign in as mei@acme.example.")
	p.see("You have none.")
}
