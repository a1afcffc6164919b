package workspace_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// sentTo counts the mails to an address.
func (p *postOffice) sentTo(email string) (n int) {
	p.deliver()
	for _, m := range p.all {
		if m.To == email {
			n++
		}
	}
	return n
}

func TestNobodyIsBombedWithEmailChanges(t *testing.T) {
	o := newOffice(t)
	post := o.withMail()
	const victim = "stranger@elsewhere.example"
	people := []workspace.Actor{o.dana}
	for n := range 4 {
		people = append(people, o.hire(fmt.Sprintf("member%d@acme.example", n), workspace.RoleDeveloper))
	}
	var err error
	for n := range 300 {
		err = o.AskToChangeEmail(t.Context(), people[n%len(people)], victim)
		post.deliver()
	}
	expectKind(t, "the 300th request", err, workspace.Throttled)
	if n := post.sentTo(victim); n > 3 {
		t.Errorf("%d mails to a stranger in a moment", n)
	}
	o.clock = o.clock.Add(time.Minute)
	o.confirm(&o.dana, workspace.MethodPassword)
	expectKind(t, "a minute later", o.AskToChangeEmail(t.Context(), o.dana, victim), workspace.Internal)
	for range 24 * 60 { // a day of trying each minute
		o.clock = o.clock.Add(time.Minute)
		o.confirm(&o.dana, workspace.MethodPassword)
		o.AskToChangeEmail(t.Context(), o.dana, victim)
		post.deliver()
	}
	if n := post.sentTo(victim); n > 20 {
		t.Errorf("%d mails to a stranger in a day", n)
	}
}

func TestOneUserCannotBombManyWithEmailChanges(t *testing.T) {
	o := newOffice(t)
	post := o.withMail()
	for n := range 100 {
		o.AskToChangeEmail(t.Context(), o.dana, fmt.Sprintf("stranger%d@elsewhere.example", n))
		post.deliver()
	}
	if len(post.all) > 2*10 {
		t.Errorf("%d mails by one person in a moment", len(post.all))
	}
}

func TestRepeatedInvitationsAreThrottled(t *testing.T) {
	o := newOffice(t)
	o.withMail()
	invite := func(emails ...string) (links int) {
		all, err := o.Invite(t.Context(), o.dana, emails, workspace.RoleDeveloper)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range all {
			if (one.Failed == "") != (one.Token != "") {
				t.Errorf("%+v", one)
			}
			if one.Token != "" {
				links++
			}
		}
		return links
	}
	links := 0
	for range 100 {
		links += invite("stranger@elsewhere.example")
	}
	if links > 3 {
		t.Errorf("%d invitations to one address in a moment", links)
	}
	for batch := range 4 {
		var emails []string
		for n := range 50 {
			emails = append(emails, fmt.Sprintf("new%d-%d@acme.example", batch, n))
		}
		if n := invite(emails...); n != len(emails) {
			t.Errorf("%d of %d new colleagues are invited", n, len(emails))
		}
	}
	o.clock = o.clock.Add(time.Minute)
	o.confirm(&o.dana, workspace.MethodPassword)
	if invite("stranger@elsewhere.example") != 1 {
		t.Error("after the wait, no invitation")
	}
}

func TestResetLinksAreThrottled(t *testing.T) {
	o := newOffice(t)
	o.withMail()
	asked := 0
	for n := range 50 {
		stranger := o.stranger()
		stranger.IP = fmt.Sprintf("198.51.100.%d", n)
		if err := o.MailResetLink(t.Context(), stranger, "nobody@acme.example"); err == nil {
			asked++
		} else {
			expectKind(t, "asking again", err, workspace.Throttled)
		}
	}
	if asked > 3 {
		t.Errorf("%d links to one address in a moment", asked)
	}
}
