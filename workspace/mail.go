package workspace

import (
	"context"
	"fmt"
	"strings"
)

// Mail is a message to one person, as plain text.
type Mail struct{ To, Subject, Text string }

// announcements are what a person is told by e-mail of acts on their account, whoever did them.
var announcements = map[Action]string{
	PasswordSet:         "Your password was changed.",
	ResetLinkMade:       "A link was made that sets your password.",
	TOTPAdded:           "An authenticator app was set up: signing in takes a code from now on.",
	TOTPRemoved:         "Your authenticator app was removed: signing in takes no code any more.",
	CodesMade:           "Your recovery codes were made anew. Those from before no longer work.",
	CodeUsed:            "One of your recovery codes was used.",
	PasskeyAdded:        "A passkey was added. It signs you in by itself.",
	PasskeyRemoved:      "A passkey was removed.",
	IdentityLinked:      "An identity provider was linked. It signs you in from now on.",
	IdentityUnlinked:    "An identity provider was unlinked.",
	EmailChangeCanceled: "The change of your email address was canceled.",
	EmailChanged:        "Your e-mail address was changed. This is the old one.",
}

// SendsMail says whether e-mail is set up.
func (s *Service) SendsMail() bool { return s.send != nil }

// announce tells a person by e-mail what was done to their account. What can't be told is in the audit trail all the same.
func (s *Service) announce(ctx context.Context, e Event) {
	text := announcements[e.Action]
	if text == "" || s.send == nil {
		return
	}
	to := e.Details["email_before"]
	if to == "" {
		user, err := s.store.User(ctx, e.TargetID)
		if err != nil {
			return
		}
		to = user.Email
	}
	from := ""
	if e.Address != "" {
		from = " from " + e.Address
	}
	s.send(Mail{To: to, Subject: strings.TrimSuffix(text, "."), Text: fmt.Sprintf(
		"%s\n\nThat was on %s%s.\n\nIf it was not you, change your password and end your other sessions, and tell whoever runs your workspace.\n",
		text, e.At.Format("2 January 2006 at 15:04 MST"), from)})
}

// MailInvitation sends the link of an invitation to whom it is for.
func (s *Service) MailInvitation(w Workspace, inviter Member, i Invited, role Role, link string) {
	s.mail(Mail{To: i.Email, Subject: "Join " + w.Name, Text: fmt.Sprintf(
		"%s invites you to %s, as %s.\n\nOpen this link to join. It works once, for a week:\n%s\n\nIf you don’t know why you get this, do nothing.\n",
		inviter.DisplayName(), w.Name, role, link)})
}

func (s *Service) mail(m Mail) {
	if s.send != nil {
		s.send(m)
	}
}
