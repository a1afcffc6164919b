package workspace

import (
	"context"
	"fmt"
	"strings"
)

// Mail is a message to one person, as plain text.
type Mail struct{ To, Subject, Text string }

// announcements are what a person is told by e-mail of acts on their account,
// whoever did them.
var announcements = map[Action]string{
	ActionPasswordSet:         "Your password was changed.",
	ActionTOTPAdded:           "An authenticator app was set up: signing in takes a code from now on.",
	ActionTOTPRemoved:         "Your authenticator app was removed: signing in takes no code any more.",
	ActionCodesMade:           "New recovery codes were made. The old ones no longer work.",
	ActionCodeUsed:            "One of your recovery codes was used.",
	ActionPasskeyAdded:        "A passkey was added. It signs you in by itself.",
	ActionPasskeyRemoved:      "A passkey was removed.",
	ActionIdentityLinked:      "An identity provider was linked. It signs you in from now on.",
	ActionIdentityUnlinked:    "An identity provider was unlinked.",
	ActionEmailChangeCanceled: "The change of your email address was canceled.",
	ActionEmailChanged:        "Your e-mail address was changed. This is the old one.",
}

// announce writes an email that tells a person what was done to their account.
// When too many wait, the event says so.
func (s *Service) announce(ctx context.Context, tx Tx, e Event) error {
	text := announcements[e.Action]
	if text == "" || !s.SendsMail() {
		return nil
	}
	to := e.Details["email_before"]
	if to == "" {
		user, err := tx.User(ctx, UserLookup{ID: e.TargetID})
		if err != nil {
			return whenNotFound(err, nil)
		}
		to = user.Email
	}
	more := ""
	if e.Details[detailMethods] == methodsRemoved {
		more = "\n\nYour email address had not been confirmed before. Confirming it removed the passkeys, authenticator " +
			"app and identity providers of your account: anyone could have added them. Add yours again on your " +
			"account’s page."
	}
	from := ""
	if e.Address != "" {
		from = " from " + e.Address
	}
	queued, err := s.mailText(ctx, tx, e.WorkspaceID,
		Mail{To: to, Subject: strings.TrimSuffix(text, "."), Text: fmt.Sprintf(
			"%s%s\n\nThat was on %s%s.\n\nIf it was not you, change your password and end your other sessions, and tell whoever runs your workspace.\n",
			text, more, e.At.Format("2 January 2006 at 15:04 MST"), from)})
	if !queued && err == nil {
		noteDropped(e.Details, 1)
	}
	return err
}
