package web

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// TestInvitationsThatMustNotWork uses links twice, at the same time, late, at
// another host, and for users who are members already.
func TestInvitationsThatMustNotWork(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.secret(linaPassword)
	s.newOwner(t)
	s.addBeta(t)
	dana := s.signInAt(t, "acme", testOwner)
	ben := s.signInAt(t, "beta", benEmail)
	stranger := s.newClient(t).at("acme")
	dead := func(what, link string) {
		t.Helper()
		if a := stranger.fetch(link); a.status != http.StatusGone {
			t.Errorf("%s: the page of the link gets %d", what, a.status)
		}
		if a := stranger.join(link, "Eve", linaPassword); a.status != http.StatusGone {
			t.Errorf("%s: the link gets %d", what, a.status)
		}
	}
	dead("no token of ours", "/invitation?token=x")
	first := dana.invite(linaEmail, "developer")
	second := dana.invite(strings.ToUpper(linaEmail), "auditor")
	dead("replaced", first)
	elsewhere := s.newClient(t).at("beta")
	elsewhere.join(second, "Lina", linaPassword).want(http.StatusGone)
	var joined atomic.Int32
	together(8, func(int) {
		if a := s.newClient(t).at("acme").join(second, "Lina", linaPassword); a.status == http.StatusSeeOther {
			joined.Add(1)
		}
	})
	n := s.count(t, `SELECT COUNT(*) FROM members m JOIN users u ON u.id = m.user_id WHERE u.email = $1`, linaEmail)
	if joined.Load() != 1 || n != 1 {
		t.Errorf("one link made %d members for %d visitors", n, joined.Load())
	}
	dead("used", second)

	// Who has an account proves it, and keeps its name and password.
	link := dana.invite(benEmail, "developer")
	stranger.join(link, "Not Ben", linaPassword).want(http.StatusUnprocessableEntity, "this is not its password")
	stranger.join(link, "Not Ben", testPassword).want(http.StatusSeeOther)
	list := dana.fetch("/settings/members").want(http.StatusOK, benEmail)
	if strings.Contains(list.unescaped(), "Not Ben") {
		t.Error("an invitation renamed an account")
	}
	ben.fetch("/settings/api-keys").want(http.StatusOK)

	link = dana.invite("late@acme.example", "developer")
	s.exec(t, `UPDATE invitations SET expires_at = created_at`)
	dead("late", link)

	lina := s.newClient(t).at("acme")
	lina.post("/sign-in", signInForm(linaEmail, linaPassword)).want(http.StatusSeeOther)
	for path, form := range map[string]url.Values{
		"/settings/members/invite": fields("emails", "x@acme.example", "role",
			"member"),
		"/settings/members/invitations/inv_06h0e91v9430fsvmg3v0/withdraw": nil,
	} {
		lina.post(path, form).want(http.StatusForbidden)
	}
	lina.fetch("/settings/members/invite").want(http.StatusForbidden)
	dana.post("/settings/members/invitations/inv_06h0e91v9430fsvmg3v0/withdraw", nil).want(http.StatusNotFound)
	for emails, says := range map[string]string{"": "Enter an e-mail address.", strings.Repeat("a@b.example ",
		51): "Invite at most 50 people at once."} {
		dana.post("/settings/members/invite", fields("emails", emails, "role", "member")).
			want(http.StatusUnprocessableEntity, says)
	}
	dana.post("/settings/members/invite", fields("emails", "x@acme.example", "role", "king")).
		want(http.StatusUnprocessableEntity, "The role is one of")
	s.setRole(t, linaEmail, "admin")
	lina.post("/settings/members/invite", fields("emails", "x@acme.example", "role", "owner")).
		want(http.StatusForbidden)
	s.growOld(t)
	a := dana.post("/settings/members/invite", fields("emails", "x@acme.example", "role", "member"))
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.location(), "/confirm") {
		t.Errorf("in an old session: %d to %q", a.status, a.location())
	}
}

// TestInvitations invites two users. One of them opens the link in another
// browser.
func TestInvitations(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	p := s.openTabSignedIn(t)
	p.click("Members")
	p.click("Invite people")
	p.fill("E-mail addresses", "nobody")
	p.click("Admin")
	p.click("Make links")
	p.see("This does not look like an e-mail address.")
	p.goTo("/settings/members/invite")
	p.fill("E-mail addresses", linaEmail+", "+testOwner+" second@acme.example")
	p.click("Admin")
	p.click("Make links")
	p.see("Each makes one person an admin of Acme.")
	p.see(testOwner + ": This person is a member already.")
	links := invitationLink.FindAllString(p.text(), -1)
	if len(links) != 2 {
		t.Fatalf("%d links:\n%s", len(links), p.text())
	}
	for _, link := range links {
		s.secret(link[strings.Index(link, "=")+1:])
	}
	p.click("Done")
	p.see("Invited")
	p.click("Withdraw the invitation of second@acme.example")
	p.see("The invitation is withdrawn. Its link is dead.")

	lina := s.newClient(t).openTab("/sign-in")
	lina.goTo(strings.TrimPrefix(links[1], testBase))
	lina.see("This link no longer works")
	lina.goTo(strings.TrimPrefix(links[0], testBase))
	lina.see("As an admin, with " + linaEmail)
	lina.fill("Your name", "Lina")
	lina.fill("Password", "short")
	lina.click("Join")
	lina.see("Use at least 12 characters.")
	lina.fill("Password", linaPassword)
	lina.click("Join")
	lina.see("No API keys yet")
	lina.click("Members")
	lina.rowIs("Lina", map[string]string{"Role": "Admin"})
}
