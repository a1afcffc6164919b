package workspace

import (
	"context"

	"github.com/keylodge/keylodge/internal/secret"
)

// emailChangeLifetime is how long the links of a requested change of email
// work.
const emailChangeLifetime = ResetLinkLifetime

// AskToChangeEmail sends a link to the new email of the actor, which they must
// be able to read before it becomes theirs, and to the present one a link that
// cancels the change. The answer does not tell whether another user has the
// email already. It is an [Error] of kind Throttled when the actor, or anyone
// for the same email, has asked too often.
func (s *Service) AskToChangeEmail(ctx context.Context, actor Actor, email string) error {
	if err := s.RequireOwnProof(ctx, actor); err != nil {
		return err
	}
	clean, message := cleanEmail(email)
	wrong := invalid{}
	wrong.add("email", message)
	if !s.SendsMail() {
		wrong.add("email", "Keylodge sends no email here. Ask whoever runs it to change your address.")
	}
	if err := wrong.err(); err != nil {
		return err
	}
	by := throttleSubject{name: "email-change-by:" + actor.UserID, freeTries: freeMailsBy, first: firstMailWait,
		longest: longestMailWait}
	if err := s.countMail(ctx, by, mailsTo("email-change-to", clean)); err != nil {
		return err
	}
	return s.act(ctx, actor, noPermission, func(tx Tx, a *act) error {
		a.record(ActionEmailChangeAsked, actor.UserID, nil)
		if err := s.holdOwnCredentials(ctx, tx, actor); err != nil {
			return err
		}
		return s.mailEmailChange(ctx, tx, actor, clean)
	})
}

// mailEmailChange writes both emails of a change, in place of those of an
// earlier one.
func (s *Service) mailEmailChange(ctx context.Context, tx Tx, actor Actor, email string) error {
	present, err := tx.User(ctx, UserLookup{ID: actor.UserID})
	if err != nil {
		return err
	}
	for _, p := range []Purpose{PurposeEmail, PurposeCancelEmail} {
		if err := tx.DeleteOneTimeTokens(ctx, OneTimeTokenFilter{Purpose: p, UserID: actor.UserID}); err != nil {
			return err
		}
	}
	deadline := s.clock().Add(emailChangeLifetime)
	for _, m := range []Message{{Kind: MessageEmail, To: email}, {Kind: MessageCancelEmail, To: present.Email}} {
		m.UserID, m.Deadline = actor.UserID, deadline
		if err := s.mailLink(ctx, tx, actor, m, linkPayload{NewEmail: email}); err != nil {
			return err
		}
	}
	return nil
}

var (
	errEmailLink = &Error{Kind: Gone, Message: "This link has been used, canceled or replaced, or is more than " +
		"a day old. Ask for another on your account’s page."}
	errOthersLink = &Error{Kind: Forbidden,
		Message: "This link is for another account. Sign in to that account, then open the link again."}
	errNothingToStop = &Error{Kind: Gone, Message: "There is no change to cancel: it was canceled or replaced, or " +
		"your address was changed already. " +
		"If you didn’t change it, tell whoever runs Keylodge."}
)

// EmailChangeLink returns what a link that confirms a new email would do for
// the actor. A dead link is an [Error] of kind Gone, and another user's link
// one of kind Forbidden.
func (s *Service) EmailChangeLink(ctx context.Context, actor Actor, token string) (EmailLink, error) {
	t, err := s.emailToken(ctx, actor, token)
	if err != nil {
		return EmailLink{}, err
	}
	user, err := s.store.User(ctx, UserLookup{ID: actor.UserID})
	if err != nil {
		return EmailLink{}, err
	}
	return s.emailLink(ctx, user, t.Data)
}

func (s *Service) emailToken(ctx context.Context, actor Actor, token string) (OneTimeToken, error) {
	t, err := s.liveToken(ctx, PurposeEmail, token, errEmailLink)
	if err == nil && t.UserID != actor.UserID {
		err = errOthersLink
	}
	return t, err
}

// ChangeEmail uses the link up and makes its email the actor's, whose session
// is the one with a digest. The old email is told.
func (s *Service) ChangeEmail(ctx context.Context, actor Actor, session Session, token string) error {
	t, err := s.emailToken(ctx, actor, token)
	if err != nil {
		return err
	}
	return s.act(ctx, actor, noPermission, func(tx Tx, a *act) error {
		if err := tx.HoldCredentials(ctx, actor.UserID, actor.CredentialVersion); err != nil {
			return whenNotFound(err, errCredentialsChanged)
		}
		if err := s.stillSignedIn(ctx, tx, actor); err != nil {
			return err
		}
		return replaceCredentials(ctx, tx, actor.UserID, func() error {
			if _, err := tx.UseOneTimeToken(ctx, PurposeEmail, t.Digest); err != nil {
				return whenNotFound(err, errEmailLink)
			}
			return s.setEmail(ctx, tx, a, emailChange{userID: actor.UserID, email: t.Data, kept: session.Digest})
		})
	})
}

// EmailChangeToCancel returns the email that a link would keep from becoming
// the account's. A dead link is an [Error] of kind Gone.
func (s *Service) EmailChangeToCancel(ctx context.Context, token string) (string, error) {
	t, err := s.liveToken(ctx, PurposeCancelEmail, token, errNothingToStop)
	return t.Data, err
}

// CancelEmailChange uses the link up and makes the link that confirms the new
// email dead. It takes no session.
func (s *Service) CancelEmailChange(ctx context.Context, actor Actor, token string) error {
	t, err := s.liveToken(ctx, PurposeCancelEmail, token, errNothingToStop)
	if err != nil {
		return err
	}
	return s.act(ctx, actor, noPermission, func(tx Tx, a *act) error {
		a.record(ActionEmailChangeCanceled, t.UserID, nil)
		if _, err := tx.UseOneTimeToken(ctx, PurposeCancelEmail, t.Digest); err != nil {
			return whenNotFound(err, errNothingToStop)
		}
		return tx.DeleteOneTimeTokens(ctx, OneTimeTokenFilter{Purpose: PurposeEmail, UserID: t.UserID})
	})
}

// SetEmail changes the email of the user with an email, for the operator.
func (s *Service) SetEmail(ctx context.Context, email, newEmail string) error {
	user, err := s.store.User(ctx, UserLookup{Email: FoldEmail(email)})
	if err != nil {
		return err
	}
	clean, message := cleanEmail(newEmail)
	if message != "" {
		return &Error{Kind: Invalid, Message: message}
	}
	return s.alterCredentials(ctx, Operator, user.ID, func(tx Tx, a *act) error {
		return s.setEmail(ctx, tx, a, emailChange{userID: user.ID, email: clean})
	})
}

// emailChange is a user's new email, which they have proven to be theirs.
type emailChange struct {
	userID, email string
	kept          secret.Digest // the session that has proven it, or zero
}

// setEmail gives a user a new email.
func (s *Service) setEmail(ctx context.Context, tx Tx, a *act, c emailChange) error {
	user, err := tx.User(ctx, UserLookup{ID: c.userID})
	if err != nil {
		return err
	}
	details, err := s.confirmEmail(ctx, tx, user, c.kept)
	if err != nil {
		return err
	}
	details["email"], details["email_before"] = c.email, user.Email
	a.record(ActionEmailChanged, user.ID, details)
	if err := tx.UpdateUser(ctx, user.ID, UserUpdate{Email: c.email}); err != nil || user.Name != "" {
		return err
	}
	return s.sortByEmail(ctx, tx, a.who.Actor, user)
}

// sortByEmail sorts the keys of a user without a name by their new email. user
// is as before.
func (s *Service) sortByEmail(ctx context.Context, tx Tx, actor Actor, user User) error {
	all, err := tx.Workspaces(ctx, WorkspaceFilter{KeysOf: user.ID, Deleted: true})
	for _, w := range all {
		if err == nil {
			err = s.startSorting(ctx, tx, actor, KeySorting{WorkspaceID: w.ID, OwnerID: user.ID, Before: user.Email})
		}
	}
	return err
}
