package e2e

import (
	"regexp"
	"strings"
	"testing"
)

var invitationLink = regexp.MustCompile(`http://[^\s<"]+/invitation\?token=[A-Za-z0-9_-]{43}`)

const (
	linaEmail    = "lina@acme.example"
	linaPassword = "seven lanterns on the jetty"
)

// TestInvitations invites two users. One of them opens the link in another
// browser.
func TestInvitations(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.setUp(t)
	p := s.openSignedIn(t, phone)
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

	lina := s.open(t, phone)
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
}
