package workspace

import (
	"context"
	"fmt"
)

// emailChangeLifetime is how long the links of a requested change of email work.
const emailChangeLifetime = ResetLinkLifetime

// EmailLinks make links of tokens: one that confirms a new address, and one
// that cancels the change.
type EmailLinks struct{ Confirm, Cancel func(token string) string }

// AskToChangeEmail sends a link to the actor's new address, which they must be able to read before it becomes theirs, and to the
// present one a link that cancels the change. The answer does not tell whether another user has the address already. It is an [Error]
// of kind Throttled when the actor, or anyone for the same address, has asked too often.
func (s *Service) AskToChangeEmail(ctx context.Context, actor Actor, email string, links EmailLinks) error {
	if err := s.OwnProof(ctx, actor); err != nil {
		return err
	}
	clean, message := cleanEmail(email)
	wrong := invalid{}
	wrong.add("email", message)
	if s.send == nil {
		wrong.add("email", "Keylodge sends no email here. Ask whoever runs it to change your address.")
	}
	if err := wrong.err(); err != nil {
		return err
	}
	by := throttleSubject{name: "email-change-by:" + actor.UserID, freeTries: freeMailsBy, first: firstMailWait, longest: longestMailWait}
	if err := s.countMail(ctx, by, mailsTo("email-change-to", clean)); err != nil {
		return err
	}
	var present User
	var confirm, cancel string
	err := s.update(ctx, actor, EmailChangeAsked, func(tx Tx, e *Event) (err error) {
		e.TargetID = actor.UserID
		if err := s.holdOwnCredentials(ctx, tx, actor); err != nil {
			return err
		}
		if present, err = tx.User(ctx, actor.UserID); err != nil {
			return err
		}
		t := OneTimeToken{Purpose: PurposeEmail, UserID: actor.UserID, Data: clean}
		if confirm, err = s.putToken(ctx, tx, t, emailChangeLifetime); err != nil {
			return err
		}
		t.Purpose = PurposeCancelEmail
		cancel, err = s.putToken(ctx, tx, t, emailChangeLifetime)
		return err
	})
	if err == nil {
		s.mail(confirmEmailMail(clean, links.Confirm(confirm)))
		s.mail(cancelEmailMail(present.Email, clean, links.Cancel(cancel)))
	}
	return err
}

func confirmEmailMail(to, link string) Mail {
	return Mail{To: to, Subject: "Confirm your address", Text: fmt.Sprintf(
		"Open this link to sign in with this address from now on. It works once, for a day:\n%s\n\nIf you did not ask for it, do nothing.\n", link)}
}

func cancelEmailMail(to, email, link string) Mail {
	return Mail{To: to, Subject: "A change of your email address was requested", Text: fmt.Sprintf(
		"You asked to sign in as %s instead of with this address. The change takes effect when the link that was sent there is opened.\n\n"+
			"If it was not you, cancel the change here, then set a new password:\n%s\n", email, link)}
}

var (
	errEmailLink     = &Error{Kind: Gone, Message: "This link has been used, canceled or replaced, or is more than a day old. Ask for another on your account’s page."}
	errOthersLink    = &Error{Kind: Forbidden, Message: "This link is for another account. Sign in to that account, then open the link again."}
	errNothingToStop = &Error{Kind: Gone, Message: "There is no change to cancel: it was canceled or replaced, or your address was changed already. " +
		"If you didn’t change it, tell whoever runs Keylodge."}
)

// NewEmailOf returns the address that a link would confirm for the actor. A dead link is an [Error] of kind Gone, and another user's
// link one of kind Forbidden.
func (s *Service) NewEmailOf(ctx context.Context, actor Actor, token string) (string, error) {
	t, err := s.emailToken(ctx, actor, token)
	return t.Data, err
}

func (s *Service) emailToken(ctx context.Context, actor Actor, token string) (OneTimeToken, error) {
	t, err := s.liveToken(ctx, PurposeEmail, token, errEmailLink)
	if err == nil && t.UserID != actor.UserID {
		err = errOthersLink
	}
	return t, err
}

// ChangeEmail uses the link up and makes its address the actor's, whose session is the one with a digest. The old address is told.
func (s *Service) ChangeEmail(ctx context.Context, actor Actor, session Session, token string) error {
	t, err := s.emailToken(ctx, actor, token)
	if err != nil {
		return err
	}
	return s.update(ctx, actor, EmailChanged, func(tx Tx, e *Event) error {
		if err := tx.HoldCredentials(ctx, actor.UserID, actor.CredentialVersion); err != nil {
			return whenNotFound(err, errCredentialsChanged)
		}
		if err := s.stillSignedIn(ctx, tx, actor); err != nil {
			return err
		}
		return replaceCredentials(ctx, tx, actor.UserID, e, func(tx Tx, e *Event) error {
			if _, err := tx.UseOneTimeToken(ctx, PurposeEmail, t.Digest); err != nil {
				return whenNotFound(err, errEmailLink)
			}
			return s.setEmail(ctx, tx, e, t.Data, session.Digest)
		})
	})
}

// EmailChangeToCancel returns the address that a link would keep from becoming the account's. A dead link is an [Error] of kind Gone.
func (s *Service) EmailChangeToCancel(ctx context.Context, token string) (string, error) {
	t, err := s.liveToken(ctx, PurposeCancelEmail, token, errNothingToStop)
	return t.Data, err
}

// CancelEmailChange uses the link up and makes the link that confirms the new address dead. It takes no session.
func (s *Service) CancelEmailChange(ctx context.Context, actor Actor, token string) error {
	t, err := s.liveToken(ctx, PurposeCancelEmail, token, errNothingToStop)
	if err != nil {
		return err
	}
	return s.update(ctx, actor, EmailChangeCanceled, func(tx Tx, e *Event) error {
		e.TargetID = t.UserID
		if _, err := tx.UseOneTimeToken(ctx, PurposeCancelEmail, t.Digest); err != nil {
			return whenNotFound(err, errNothingToStop)
		}
		return tx.DeleteOneTimeTokens(ctx, PurposeEmail, t.UserID)
	})
}

// SetEmail changes the address of the person with an address, for the operator.
func (s *Service) SetEmail(ctx context.Context, email, newEmail string) error {
	user, err := s.store.UserByEmail(ctx, FoldEmail(email))
	if err != nil {
		return err
	}
	clean, message := cleanEmail(newEmail)
	if message != "" {
		return &Error{Kind: Invalid, Message: message}
	}
	return s.alterCredentials(ctx, Operator, EmailChanged, user.ID, func(tx Tx, e *Event) error {
		return s.setEmail(ctx, tx, e, clean, Digest{})
	})
}

// setEmail gives the event's target a proven address. kept is the session that
// has proven it, or zero.
func (s *Service) setEmail(ctx context.Context, tx Tx, e *Event, email string, kept Digest) error {
	user, err := tx.User(ctx, e.TargetID)
	if err != nil {
		return err
	}
	e.Details = map[string]string{"email": email, "email_before": user.Email}
	if err := s.confirmAddress(ctx, tx, user, kept); err != nil {
		return err
	}
	return tx.SetEmail(ctx, user.ID, email)
}
