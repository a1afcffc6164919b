package e2e

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
)

var invitationLink = regexp.MustCompile(`http://[^\s<"]+/invitation\?token=[A-Za-z0-9_-]{43}`)

const (
	linaEmail    = "lina@acme.example"
	linaPassword = "seven lanterns on the jetty"
)

// invite makes the link of an invitation and returns its path.
func (c *client) invite(email, role string) string {
	c.t.Helper()
	a := c.want(c.post("/settings/members/invite", fields("emails", email, "role", role)), http.StatusOK, "Send these links")
	link := invitationLink.FindString(a.text())
	u, err := url.Parse(link)
	if link == "" || err != nil {
		c.t.Fatalf("no link in:\n%s", a.text())
	}
	c.s.secret(u.Query().Get("token"))
	return u.RequestURI()
}

// join accepts an invitation.
func (c *client) join(link, name, password string) answer {
	c.t.Helper()
	u, _ := url.Parse(link)
	return c.post("/invitation", fields("token", u.Query().Get("token"), "name", name, "password", password))
}

// TestInvitations invites two people; one opens the link in a browser of
// theirs.
func TestInvitations(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desktop, {scripts: false, width: 360, dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			s := start(t, sqliteFile(t))
			s.setUp(t)
			p := s.openSignedIn(t, l)
			p.click("Members")
			p.click("Invite people")
			p.fill("E-mail addresses", "nobody")
			p.click("Admin")
			p.click("Make links")
			p.see("This does not look like an e-mail address.")
			p.goTo("/settings/members/invite")
			p.step(1, "invite")
			p.fill("E-mail addresses", linaEmail+", "+danaEmail+" second@acme.example")
			p.click("Admin")
			p.click("Make links")
			p.see("Each makes one person an admin of Acme.")
			p.see(danaEmail + ": This person is a member already.")
			p.step(2, "links")
			links := invitationLink.FindAllString(p.text(), -1)
			if len(links) != 2 {
				t.Fatalf("%d links:\n%s", len(links), p.text())
			}
			for _, link := range links {
				s.secret(link[strings.Index(link, "=")+1:])
			}
			p.click("Done")
			p.see("Invited")
			p.step(3, "open invitations")
			p.click("Withdraw the invitation of second@acme.example")
			p.see("The invitation is withdrawn. Its link is dead.")

			lina := s.open(t, l)
			lina.goTo(strings.TrimPrefix(links[1], s.url))
			lina.see("This link no longer works")
			lina.goTo(strings.TrimPrefix(links[0], s.url))
			lina.see("As an admin, with " + linaEmail)
			lina.step(4, "invitation")
			lina.fill("Your name", "Lina")
			lina.fill("Password", "short")
			lina.click("Join")
			lina.see("Use at least 12 characters.")
			lina.fill("Password", linaPassword)
			lina.click("Join")
			lina.see("No API keys yet")
			lina.click("Members")
			lina.rowIs("Lina", map[string]string{"Role": "Admin"})
		})
	}
}

// TestInvitationsThatMustNotWork uses links twice, together, late, elsewhere,
// and for who is somebody already.
func TestInvitationsThatMustNotWork(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.secret(linaPassword)
		s.setUp(t)
		s.addBeta(t)
		dana := s.signInAt(t, "acme", danaEmail, danaPassword)
		ben := s.signInAt(t, "beta", benEmail, benPassword)
		stranger := s.newClient(t).at("acme")
		dead := func(what, link string) {
			t.Helper()
			if a := stranger.get(link); a.status != http.StatusGone {
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
		elsewhere.want(elsewhere.join(second, "Lina", linaPassword), http.StatusGone)
		var joined atomic.Int32
		together(8, func(int) {
			if a := s.newClient(t).at("acme").join(second, "Lina", linaPassword); a.status == http.StatusSeeOther {
				joined.Add(1)
			}
		})
		if n := count(t, database, `SELECT COUNT(*) FROM members m JOIN users u ON u.id = m.user_id WHERE u.email = $1`, linaEmail); joined.Load() != 1 || n != 1 {
			t.Errorf("one link made %d members for %d visitors", n, joined.Load())
		}
		dead("used", second)

		// Who has an account proves it, and keeps its name and password.
		link := dana.invite(benEmail, "developer")
		stranger.want(stranger.join(link, "Not Ben", linaPassword), http.StatusUnprocessableEntity, "this is not its password")
		stranger.want(stranger.join(link, "Not Ben", benPassword), http.StatusSeeOther)
		if list := dana.want(dana.get("/settings/members"), http.StatusOK, benEmail); strings.Contains(list.text(), "Not Ben") {
			t.Error("an invitation renamed an account")
		}
		ben.want(ben.get("/settings/api-keys"), http.StatusOK)

		link = dana.invite("late@acme.example", "developer")
		db := openDatabase(t, database)
		defer db.Close()
		if _, err := db.ExecContext(t.Context(), `UPDATE invitations SET expires_at = created_at`); err != nil {
			t.Fatal(err)
		}
		dead("late", link)

		lina := s.signInAt(t, "acme", linaEmail, linaPassword)
		for path, form := range map[string]url.Values{
			"/settings/members/invite":                                        fields("emails", "x@acme.example", "role", "member"),
			"/settings/members/invitations/inv_06h0e91v9430fsvmg3v0/withdraw": nil,
		} {
			lina.want(lina.post(path, form), http.StatusForbidden)
		}
		lina.want(lina.get("/settings/members/invite"), http.StatusForbidden)
		dana.want(dana.post("/settings/members/invitations/inv_06h0e91v9430fsvmg3v0/withdraw", nil), http.StatusNotFound)
		for emails, says := range map[string]string{"": "Enter an e-mail address.", strings.Repeat("a@b.example ", 51): "Invite at most 50 people at once."} {
			dana.want(dana.post("/settings/members/invite", fields("emails", emails, "role", "member")), http.StatusUnprocessableEntity, says)
		}
		dana.want(dana.post("/settings/members/invite", fields("emails", "x@acme.example", "role", "king")), http.StatusUnprocessableEntity, "The role is one of")
		s.keylodge(t, "user", "role", "--workspace", "acme", "--email", linaEmail, "--role", "admin")
		lina.want(lina.post("/settings/members/invite", fields("emails", "x@acme.example", "role", "owner")), http.StatusForbidden)
		growOld(t, database)
		if a := dana.post("/settings/members/invite", fields("emails", "x@acme.example", "role", "member")); a.status != http.StatusSeeOther || !strings.HasPrefix(a.location(), "/confirm") {
			t.Errorf("in an old session: %d to %q", a.status, a.location())
		}
	})
}
