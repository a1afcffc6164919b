package workspace

import (
	"context"
	"fmt"
	"strings"
)

// Mail is a message to one person, as plain text.
type Mail struct{ To, Subject, Text string }

// announcements are the emails that a user gets about changes to their account.
var announcements = map[Action]string{
	ActionPasswordSet:         "Your password was changed.",
	ActionTOTPAdded:           "An authenticator app was added. From now on you need a code to sign in.",
	ActionTOTPRemoved:         "Your authenticator app was removed. You no longer need a code to sign in.",
	ActionCodesMade:           "New recovery codes were made. The old ones no longer work.",
	ActionCodeUsed:            "One of your recovery codes was used.",
	ActionPasskeyAdded:        "A passkey was added to your account. It signs you in without a password.",
	ActionPasskeyRemoved:      "A passkey was removed from your account.",
	ActionIdentityLinked:      "An identity provider was linked to your account. You can sign in with it.",
	ActionIdentityUnlinked:    "An identity provider was unlinked from your account.",
	ActionEmailChangeCanceled: "The change of your email address was canceled.",
	ActionEmailChanged:        "Your email address was changed. This is the old one.",
}

// announce queues an email to a user about a change to their account. When too
// many wait it is dropped, and the event says so.
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
		more = "\n\nYour email address had not been confirmed before. Confirming it removed the passkeys, " +
			"authenticator app and identity providers of your account: anyone could have added them. Add yours " +
			"again on your account’s page."
	}
	from := ""
	if e.IP != "" {
		from = " from " + e.IP
	}
	queued, err := s.mailText(ctx, tx, e.WorkspaceID,
		Mail{To: to, Subject: strings.TrimSuffix(text, "."), Text: fmt.Sprintf(
			"%s%s\n\nThis happened on %s%s.\n\nIf it was not you, change your password, sign out your other sessions, "+
				"and tell an admin of your workspace.\n",
			text, more, e.At.Format("2 January 2006 at 15:04 MST"), from)})
	if !queued && err == nil {
		noteDropped(e.Details, 1)
	}
	return err
}
