package e2e

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/oidctest"
)

var providerPath = regexp.MustCompile(`/settings/sign-on/(idp_[0-9a-v]+)`)

// providerForm is the form for a provider, with more fields in turns of name
// and value.
func providerForm(p *oidctest.Provider, more ...string) url.Values {
	form := fields("name", "Login", "issuer", p.URL(), "client_id", p.ClientID, "client_secret", p.ClientSecret)
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// addProvider lets people sign in with a provider, and returns its id.
func (c *client) addProvider(p *oidctest.Provider, more ...string) string {
	c.t.Helper()
	c.s.secret(p.ClientSecret)
	c.want(c.post("/settings/sign-on", providerForm(p, more...)), http.StatusSeeOther)
	return providerPath.FindStringSubmatch(c.want(c.get("/settings/sign-on"), http.StatusOK).body)[1]
}

// goOnAt lets a page send the browser to a provider, and returns what it brings
// back.
func (c *client) goOnAt(p *oidctest.Provider, page string) url.Values {
	c.t.Helper()
	a := c.want(c.post(page, fields("next", "/settings/members")), http.StatusOK, "You are being sent there")
	_, after, _ := strings.Cut(a.body, `0;url=`)
	to, _, _ := strings.Cut(after, `"`)
	return p.Visit(c.t, html.UnescapeString(to))
}

// signOn signs in with a provider.
func (c *client) signOn(p *oidctest.Provider, id string) answer {
	c.t.Helper()
	back := c.goOnAt(p, "/sign-in/with/"+id)
	a := c.get("/sign-in/callback?" + back.Encode())
	for _, secret := range p.Secrets() {
		c.s.secret(secret)
	}
	return a
}

var mei = oidctest.Person{Subject: "mei-1", Email: "Mei@acme.example", EmailVerified: true, Name: "Mei Lin", Claims: map[string]any{"groups": []string{"staff", "ops team"}}}

// TestSignOn adds a provider in a browser, and joins by it.
func TestSignOn(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desktop, {scripts: false, width: 360, dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			idp := oidctest.New(t)
			idp.SignInAs(mei)
			s := start(t, sqliteFile(t), "--local-issuers")
			s.secret(idp.ClientSecret)
			s.setUp(t)
			p := s.openSignedIn(t, l)
			p.click("Single sign-on")
			p.see("No identity provider yet")
			p.step(1, "no provider")
			p.click("Add provider")
			p.fill("Name", "Acme Login")
			p.fill("Issuer", "https://127.0.0.1:1")
			p.fill("Client ID", idp.ClientID)
			p.click("Save")
			p.see("The provider can’t be reached.")
			p.step(2, "provider not reached")
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
			p.step(3, "providers")
			p.signOut()
			p.step(4, "sign in")
			p.click("Sign in with Acme Login")
			p.see("No API keys yet")
			p.goTo("/account/security")
			p.see("You sign in as mei@acme.example.")
			p.see("You have none.")
		})
	}
}

// TestWhoMaySignOn tries who may come in by a provider, and as what.
func TestWhoMaySignOn(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		idp := oidctest.New(t)
		s := start(t, database, "--local-issuers")
		s.setUp(t)
		s.addSam(t, "developer")
		s.addBeta(t)
		dana, ben := s.signInAt(t, "acme", danaEmail, danaPassword), s.signInAt(t, "beta", benEmail, benPassword)
		id := dana.addProvider(idp, "new_role", "auditor", "domains", "acme.example", "role_claim", "groups", "role_map", "ops team = developer\nbosses=admin")
		stranger := func() *client { return s.newClient(t).at("acme") }
		person := func(subject, email string, verified any, groups ...string) oidctest.Person {
			return oidctest.Person{Subject: subject, Email: email, EmailVerified: verified, Name: subject, Claims: map[string]any{"groups": groups}}
		}
		role := func(email string) string {
			t.Helper()
			return value[string](t, database, `SELECT m.role FROM members m JOIN users u ON u.id = m.user_id JOIN workspaces w ON w.id = m.workspace_id WHERE w.slug = 'acme' AND u.email = $1`, email)
		}
		for name, c := range map[string]struct {
			who    oidctest.Person
			status int
			says   string
		}{
			"an unverified address":               {person("1", "new@acme.example", false), http.StatusForbidden, "you are no member here"},
			"an address that is not said to be":   {person("2", "new@acme.example", nil), http.StatusForbidden, "you are no member here"},
			"verified as a string":                {person("3", "new@acme.example", "true"), http.StatusForbidden, "you are no member here"},
			"another domain":                      {person("4", "new@evil.example", true), http.StatusForbidden, "you are no member here"},
			"a domain that ends alike":            {person("5", "new@notacme.example", true), http.StatusForbidden, "you are no member here"},
			"no address":                          {person("6", "", true), http.StatusForbidden, "you are no member here"},
			"the address of somebody's account":   {person("7", danaEmail, true), http.StatusForbidden, "There is an account with your address already."},
			"the address of an account elsewhere": {person("8", strings.ReplaceAll(benEmail, "beta", "beta"), true), http.StatusForbidden, ""},
		} {
			t.Run(name, func(t *testing.T) {
				idp.SignInAs(c.who)
				browser := stranger().in(t)
				browser.want(browser.signOn(idp, id), c.status, c.says)
				browser.want(browser.get("/settings/members"), http.StatusSeeOther)
			})
		}

		// Who is new joins, with the role of their claims, and comes back as
		// the same person whatever their address.
		idp.SignInAs(mei)
		meis := stranger()
		if a := meis.want(meis.signOn(idp, id), http.StatusSeeOther); a.location() != "/settings/members" || role("mei@acme.example") != "developer" {
			t.Errorf("Mei is led to %q as %q", a.location(), role("mei@acme.example"))
		}
		idp.SignInAs(person(mei.Subject, "married@acme.example", true, "bosses", "ops team"))
		again := stranger()
		again.want(again.signOn(idp, id), http.StatusSeeOther)
		if got := role("mei@acme.example"); got != "admin" || count(t, database, `SELECT COUNT(*) FROM users`) != 4 {
			t.Errorf("Mei is %q, and there are %d people", got, count(t, database, `SELECT COUNT(*) FROM users`))
		}
		idp.SignInAs(person(mei.Subject, "married@acme.example", true, "staff"))
		again.want(again.signOn(idp, id), http.StatusSeeOther)
		again.want(again.get("/settings/sign-on/new"), http.StatusForbidden)
		if got := role("mei@acme.example"); got != "auditor" {
			t.Errorf("Mei has left the group and is %q", got)
		}
		idp.SignInAs(person("plain", "plain@acme.example", true))
		plain := stranger()
		plain.want(plain.signOn(idp, id), http.StatusSeeOther)
		if got := role("plain@acme.example"); got != "auditor" {
			t.Errorf("who has no group is %q", got)
		}
		dana.want(dana.post(dana.memberPath("plain"), fields("role", "auditor", "active", "false")), http.StatusSeeOther)
		plain.want(plain.signOn(idp, id), http.StatusForbidden)
		dana.want(dana.post(dana.memberPath("plain")+"/remove", fields("keys", "revoke")), http.StatusSeeOther)
		plain.want(plain.signOn(idp, id), http.StatusForbidden) // whoever the provider still knows
		dana.invite("plain@acme.example", "auditor")
		plain.want(plain.signOn(idp, id), http.StatusSeeOther)

		// An invitation is honored for an address in the provider's domains,
		// and for others by its link only.
		dana.invite("in@acme.example", "admin")
		link := dana.invite("out@side.example", "admin")
		idp.SignInAs(person("in", "in@acme.example", true))
		in := stranger()
		in.want(in.signOn(idp, id), http.StatusSeeOther)
		if got := role("in@acme.example"); got != "admin" {
			t.Errorf("the invited member is %q", got)
		}
		idp.SignInAs(person("out", "out@side.example", true))
		out := stranger()
		out.want(out.signOn(idp, id), http.StatusForbidden, "open the link of your invitation")
		out.want(out.join(link, "Out", linaPassword), http.StatusSeeOther)

		// An account is linked by who has it, and by nobody's address.
		sam := s.signInAt(t, "acme", samEmail, samPassword)
		idp.SignInAs(person("sam", "other@acme.example", true))
		back := sam.goOnAt(idp, "/account/security/providers/"+id)
		thief := s.signInAt(t, "acme", danaEmail, danaPassword)
		thief.want(thief.get("/sign-in/callback?"+back.Encode()), http.StatusGone)
		sam.want(sam.get("/sign-in/callback?"+back.Encode()), http.StatusSeeOther)
		sam.want(sam.get("/sign-in/callback?"+back.Encode()), http.StatusGone)
		linked := stranger()
		linked.want(linked.signOn(idp, id), http.StatusSeeOther)
		linked.want(linked.get("/account/security"), http.StatusOK, samEmail)
		dana.want(dana.get("/sign-in/callback?"+dana.goOnAt(idp, "/account/security/providers/"+id).Encode()), http.StatusConflict, "linked already")

		// A provider's word alone changes no other way in.
		linked.want(linked.get("/account/security/totp"), http.StatusSeeOther)
		linked.want(linked.post("/account/security/passkeys/options", nil), http.StatusSeeOther)
		linked.want(linked.post("/account/security/password", fields("current_password", "", "password", newPassword)), http.StatusUnprocessableEntity)
		linked.want(linked.post("/confirm", fields("password", samPassword)), http.StatusSeeOther)
		linked.want(linked.get("/account/security/totp"), http.StatusOK)
		sam.want(sam.post("/account/security/providers/"+id+"/unlink", nil), http.StatusSeeOther)
		unlinked := stranger()
		unlinked.want(unlinked.signOn(idp, id), http.StatusSeeOther)
		unlinked.want(unlinked.get("/account/security"), http.StatusOK, "You sign in as other@acme.example.") // an account of its own

		// A provider is one workspace's.
		ben.want(ben.post("/sign-in/with/"+id, nil), http.StatusNotFound)
		ben.want(ben.post("/settings/sign-on/"+id+"/remove", nil), http.StatusNotFound)
		ben.want(ben.post("/settings/sign-on/"+id, providerForm(idp)), http.StatusNotFound)
	})
}

// TestAdminGainsNoOwnerByAProvider has an admin run a provider that asserts the
// email of an invited owner, and get that invitation out of the way.
func TestAdminGainsNoOwnerByAProvider(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		const ceo = "ceo@acme.example"
		idp := oidctest.New(t)
		s := start(t, database, "--local-issuers")
		dana := s.setUp(t)
		s.addSam(t, "admin")
		sam := s.signInAt(t, "acme", samEmail, samPassword)
		link := dana.invite(ceo, "owner")
		id := sam.addProvider(idp, "new_role", "admin", "domains", "acme.example", "role_claim", "groups", "role_map",
			"all = admin")
		idp.SignInAs(oidctest.Person{Subject: "ceo", Email: ceo, EmailVerified: true,
			Claims: map[string]any{"groups": "all"}})
		attacker := s.newClient(t).at("acme")
		attacker.want(attacker.signOn(idp, id), http.StatusForbidden, "open the link of your invitation")

		a := sam.want(sam.get("/settings/members"), http.StatusOK, ceo)
		if strings.Contains(a.body, "/withdraw") || strings.Contains(a.body, "New link") {
			t.Error("the page offers an admin to replace or withdraw an owner's invitation")
		}
		invitation := value[string](t, database, `SELECT id FROM invitations`)
		withdraw := "/settings/members/invitations/" + invitation + "/withdraw"
		sam.want(sam.post(withdraw, nil), http.StatusForbidden, "Only an owner can replace or withdraw that.")
		sam.want(sam.post("/settings/members/invite", fields("emails", ceo, "role", "developer")),
			http.StatusUnprocessableEntity, "Only an owner can replace or withdraw that.")
		attacker.want(attacker.signOn(idp, id), http.StatusForbidden)
		if n := count(t, database, `SELECT COUNT(*) FROM users WHERE email = 'ceo@acme.example'`); n != 0 {
			t.Errorf("%d accounts in the name of the invited owner", n)
		}
		a = dana.want(dana.get("/settings/members"), http.StatusOK, ceo)
		if !strings.Contains(a.body, withdraw) {
			t.Error("an owner is not offered to withdraw the invitation")
		}
		victim := s.newClient(t).at("acme")
		victim.want(victim.join(link, "Ceo", linaPassword), http.StatusSeeOther)
		victim.want(victim.get("/settings/general/delete"), http.StatusOK) // which is for owners
	})
}

// TestSignOnPolicy requires a provider: every other way in is held.
func TestSignOnPolicy(t *testing.T) {
	t.Parallel()
	idp := oidctest.New(t)
	s := start(t, sqliteFile(t), "--local-issuers")
	dana := s.setUp(t)
	id := dana.addProvider(idp)
	policy := fields("require", "provider", "days", "0")
	dana.want(dana.post("/settings/general/sign-in", policy), http.StatusUnprocessableEntity, "You don’t meet this yourself.")
	idp.SignInAs(oidctest.Person{Subject: "dana", Email: danaEmail, EmailVerified: true})
	dana.want(dana.get("/sign-in/callback?"+dana.goOnAt(idp, "/account/security/providers/"+id).Encode()), http.StatusSeeOther)
	boss := s.newClient(t)
	boss.want(boss.signOn(idp, id), http.StatusSeeOther)
	boss.want(boss.post("/settings/general/sign-in", policy), http.StatusSeeOther)
	boss.want(boss.get("/settings/api-keys"), http.StatusOK)
	dana.want(dana.get("/settings/api-keys"), http.StatusSeeOther)
	dana.want(dana.get("/account/security"), http.StatusOK, "Acme requires single sign-on.")
	boss.want(boss.post("/settings/sign-on/"+id+"/remove", nil), http.StatusConflict, "this is the last one")

	// A proof of long ago proves nothing; a new one keeps what the session is.
	growOld(t, s.database)
	idp.Misbehave(oidctest.ClaimAt("auth_time", -time.Hour))
	back := boss.goOnAt(idp, "/confirm/with/"+id)
	boss.want(boss.get("/sign-in/callback?"+back.Encode()), http.StatusForbidden, "did not ask you who you are just now")
	idp.Misbehave()
	back = boss.goOnAt(idp, "/confirm/with/"+id)
	boss.want(boss.get("/sign-in/callback?"+back.Encode()), http.StatusSeeOther)
	boss.want(boss.get("/settings/general/delete"), http.StatusOK)
	s.keylodge(t, "workspace", "lift-sign-in-policy", "--slug", "acme")
	dana.want(dana.get("/settings/api-keys"), http.StatusOK)
	for _, secret := range idp.Secrets() {
		s.secret(secret)
	}
}

// TestProviderThatMisbehaves signs nobody in.
func TestProviderThatMisbehaves(t *testing.T) {
	t.Parallel()
	idp := oidctest.New(t)
	s := start(t, sqliteFile(t), "--local-issuers")
	dana := s.setUp(t)
	id := dana.addProvider(idp, "new_role", "developer", "domains", "acme.example")
	idp.SignInAs(mei)
	for name, fault := range map[string]oidctest.Fault{
		"another audience": oidctest.WrongAudience, "another nonce": oidctest.WrongNonce, "another issuer": oidctest.WrongIssuer,
		"no signature": oidctest.AlgorithmNone, "a public key as secret": oidctest.HS256OfPublicKey, "another key": oidctest.SignedByStranger,
		"expired": oidctest.Expired, "another state": oidctest.OtherState, "another issuer in the address": oidctest.OtherIssuerInCallback,
		"no subject": oidctest.NoSubject, "a token endpoint that fails": oidctest.Status(oidctest.TokenPath, http.StatusInternalServerError),
	} {
		t.Run(name, func(t *testing.T) {
			idp.Misbehave(fault)
			c := s.newClient(t)
			a := c.signOn(idp, id)
			if a.status != http.StatusForbidden && a.status != http.StatusServiceUnavailable {
				t.Errorf("it gets %d:\n%s", a.status, a.text())
			}
			c.want(c.get("/settings/api-keys"), http.StatusSeeOther)
		})
	}
	idp.Misbehave()
	if n := count(t, s.database, `SELECT COUNT(*) FROM users`); n != 1 {
		t.Errorf("%d people", n)
	}
	// A link to the callback, from elsewhere or with another browser's code,
	// begins no session.
	victim, attacker := s.newClient(t), s.newClient(t)
	back := attacker.goOnAt(idp, "/sign-in/with/"+id)
	victim.want(victim.get("/sign-in/callback?"+back.Encode()), http.StatusGone)
	victim.goOnAt(idp, "/sign-in/with/"+id)
	victim.want(victim.get("/sign-in/callback?"+back.Encode()), http.StatusForbidden)
	victim.want(victim.get("/settings/api-keys"), http.StatusSeeOther)
	attacker.want(attacker.get("/sign-in/callback?error=access_denied&state="+back.Get("state")+"&iss="+url.QueryEscape(idp.URL())), http.StatusForbidden, "refused to sign you in")
	for _, secret := range idp.Secrets() {
		s.secret(secret)
	}
}

// TestProviderForm is told what can't be.
func TestProviderForm(t *testing.T) {
	t.Parallel()
	idp := oidctest.New(t)
	s := start(t, sqliteFile(t), "--local-issuers")
	dana := s.setUp(t)
	s.secret(idp.ClientSecret)
	for says, form := range map[string]url.Values{
		"Give it a name":                providerForm(idp, "name", " "),
		"Type the provider’s issuer":    providerForm(idp, "issuer", "login"),
		"Check the issuer":              providerForm(idp, "issuer", s.url),
		"Type the client ID":            providerForm(idp, "client_id", ""),
		"Type domains":                  providerForm(idp, "domains", "acme"),
		"Type scopes":                   providerForm(idp, "scopes", `groups "all"`),
		"Say whose addresses":           providerForm(idp, "new_role", "developer"),
		"Choose one of these":           providerForm(idp, "new_role", "owner", "domains", "acme.example"),
		"Give each value one":           providerForm(idp, "role_claim", "groups", "role_map", "bosses = owner"),
		"Write a line such as":          providerForm(idp, "role_claim", "groups", "role_map", "bosses"),
		"name the claim and say":        providerForm(idp, "role_map", "bosses = admin"),
		"The provider can’t be reached": providerForm(idp, "issuer", "https://127.0.0.1:1"),
	} {
		t.Run(says, func(t *testing.T) {
			dana := dana.in(t)
			if a := dana.want(dana.post("/settings/sign-on", form), http.StatusUnprocessableEntity, says); strings.Contains(a.body, idp.ClientSecret) {
				t.Error("the secret is sent back")
			}
		})
	}
	id := dana.addProvider(idp)
	if a := dana.want(dana.get("/settings/sign-on/"+id), http.StatusOK, idp.URL()); strings.Contains(a.body, idp.ClientSecret) {
		t.Error("the secret is sent to the browser")
	}
	dana.want(dana.post("/settings/sign-on/"+id, providerForm(idp, "client_secret", "", "name", "Renamed")), http.StatusSeeOther)
	idp.SignInAs(oidctest.Person{Subject: "dana"})
	dana.want(dana.get("/sign-in/callback?"+dana.goOnAt(idp, "/account/security/providers/"+id).Encode()), http.StatusSeeOther)
	dana.want(dana.post("/settings/sign-on/"+id+"/remove", nil), http.StatusSeeOther)
	dana.want(dana.get("/settings/sign-on"), http.StatusOK, "No identity provider yet")
	for _, secret := range idp.Secrets() {
		s.secret(secret)
	}
}

// TestProviderCodeReachesTheAdmin has a provider refuse a person, who is told
// the code, as are the admins and the log.
func TestProviderCodeReachesTheAdmin(t *testing.T) {
	t.Parallel()
	idp := oidctest.New(t) // which signs nobody in
	s := start(t, sqliteFile(t), "--local-issuers")
	dana := s.setUp(t)
	id := dana.addProvider(idp, "scopes", "groups, roles", "role_claim", "groups", "role_map", "bosses = admin",
		"new_role", "developer", "domains", "acme.example")
	dana.want(dana.get("/settings/sign-on/"+id), http.StatusOK, "groups roles")
	stranger := s.newClient(t)
	stranger.want(stranger.signOn(idp, id), http.StatusForbidden, "refused to sign you in: access_denied.")
	dana.want(dana.get("/settings/sign-on/"+id), http.StatusOK, "access_denied")
	dana.want(dana.get("/settings/audit-log?action=session.refused"), http.StatusOK, "error: access_denied", "Login")
	eventually(t, "the log", func() bool { return strings.Contains(s.log.String(), "callback: access_denied") })

	idp.SignInAs(mei)
	back := stranger.goOnAt(idp, "/sign-in/with/"+id)
	back.Del("code")
	back.Set("error", "<b>"+strings.Repeat("x", 1000))
	a := stranger.want(stranger.get("/sign-in/callback?"+back.Encode()), http.StatusForbidden,
		"refused to sign you in: an error that no standard has.")
	if strings.Contains(a.body, "xxx") || strings.Contains(s.log.String(), "xxx") {
		t.Error("what the provider says is repeated")
	}

	// GitLab has the groups and the name in userinfo only.
	idp.Misbehave(oidctest.Fault{Claims: func(_ *oidctest.Provider, c map[string]any) {
		delete(c, "groups")
		delete(c, "name")
	}})
	idp.SignInAs(oidctest.Person{Subject: "lina", Email: linaEmail, EmailVerified: true, Name: "Lina Roth",
		Claims: map[string]any{"groups": []string{"bosses"}}})
	lina := s.newClient(t)
	lina.want(lina.signOn(idp, id), http.StatusSeeOther)
	lina.want(lina.get("/settings/sign-on/new"), http.StatusOK, "Identity provider") // which is for admins
	dana.want(dana.get("/settings/members"), http.StatusOK, "Lina Roth")
}

// TestIssuersOnThisMachineAreNotAsked starts Keylodge without the flag that
// allows them.
func TestIssuersOnThisMachineAreNotAsked(t *testing.T) {
	t.Parallel()
	idp := oidctest.New(t)
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	s.secret(idp.ClientSecret)
	dana.want(dana.post("/settings/sign-on", providerForm(idp)), http.StatusUnprocessableEntity,
		"must be an address that begins with https://")
	dana.want(dana.post("/settings/sign-on", providerForm(idp, "issuer", "https://localhost:1")),
		http.StatusUnprocessableEntity, "--local-issuers")
	dana.want(dana.get("/settings/sign-on"), http.StatusOK, "No identity provider yet")
	if n := idp.Asked(oidctest.DiscoveryPath); n != 0 {
		t.Errorf("it was asked %d times", n)
	}
}

// TestAccountsMadeInSomebodysName lets the provider of one workspace make an
// account with somebody's address, before they come. Who then proves that the
// address is theirs finds no way in of the other's left.
func TestAccountsMadeInSomebodysName(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		idp := oidctest.New(t)
		s := start(t, database, "--local-issuers")
		s.setUp(t)
		s.addBeta(t)
		ben := s.signInAt(t, "beta", benEmail, benPassword)
		id := ben.addProvider(idp, "new_role", "developer", "domains", "acme.example")
		idp.SignInAs(oidctest.Person{Subject: "evil", Email: linaEmail, EmailVerified: true})
		squatter := s.newClient(t).at("beta")
		squatter.want(squatter.signOn(idp, id), http.StatusSeeOther)

		dana := s.signInAt(t, "acme", danaEmail, danaPassword)
		link := dana.invite(linaEmail, "admin")
		lina := s.newClient(t).at("acme")
		lina.want(lina.join(link, "", linaPassword), http.StatusUnprocessableEntity, "You have an account here already")
		reset := s.keylodge(t, "user", "reset-link", "--email", linaEmail)
		_, token, _ := strings.Cut(reset, "token=")
		lina.want(lina.post("/reset-password", fields("token", token, "password", linaPassword)), http.StatusSeeOther)
		lina.want(lina.join(link, "", linaPassword), http.StatusSeeOther)
		squatter.want(squatter.get("/settings/members"), http.StatusSeeOther)
		again := s.newClient(t).at("beta")
		again.want(again.signOn(idp, id), http.StatusForbidden, "There is an account with your address already.")
		if n := count(t, database, `SELECT COUNT(*) FROM identities`); n != 0 {
			t.Errorf("%d identities are left", n)
		}
		for _, secret := range idp.Secrets() {
			s.secret(secret)
		}
	})
}
