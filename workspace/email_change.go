package workspace

import (
	"context"
	"fmt"
)

// emailChangeLifetime is how long a link that confirms an address works.
const emailChangeLifetime = ResetLinkLifetime

// AskToChangeEmail sends a link to the actor's new address, which they must be able to read before it becomes theirs. link makes
// a link of a token. The answer does not tell whether somebody has the address already.
func (s *Service) AskToChangeEmail(ctx context.Context, actor Actor, email string, link func(token string) string) error {
	if err := s.OwnProof(ctx, actor); err != nil {
		return err
	}
	clean, message := cleanEmail(email)
	wrong := invalid{}
	wrong.add("email", message)
	if s.send == nil {
		wrong.add("email", "Keylodge sends no e-mail here, so nothing can confirm the address. Ask whoever runs it to change yours.")
	}
	if err := wrong.err(); err != nil {
		return err
	}
	var token string
	err := s.update(ctx, actor, EmailChangeAsked, func(tx Tx, e *Event) (err error) {
		e.TargetID = actor.UserID
		token, err = s.putToken(ctx, tx, PurposeEmail, actor.UserID, emailChangeLifetime, clean)
		return err
	})
	if err == nil {
		s.mail(Mail{To: clean, Subject: "Confirm your address", Text: fmt.Sprintf(
			"Open this link to sign in with this address from now on. It works once, for a day:\n%s\n\nIf you did not ask for it, do nothing.\n", link(token))})
	}
	return err
}

var errEmailLink = &Error{Kind: Gone, Message: "This link has been used, has been replaced, or is more than a day old. Ask for another on your account’s page."}

// NewEmailOf returns the address that a link would confirm. A dead link is an [Error] of kind Gone.
func (s *Service) NewEmailOf(ctx context.Context, token string) (string, error) {
	t, err := s.liveToken(ctx, PurposeEmail, token, errEmailLink)
	return t.Data, err
}

// ChangeEmail uses the link up and makes its address the person's. The old one is told.
func (s *Service) ChangeEmail(ctx context.Context, actor Actor, token string) error {
	t, err := s.liveToken(ctx, PurposeEmail, token, errEmailLink)
	if err != nil {
		return err
	}
	return s.setEmail(ctx, actor, t.UserID, t.Data, func(tx Tx) error {
		_, err := tx.UseOneTimeToken(ctx, PurposeEmail, t.Digest)
		return whenNotFound(err, errEmailLink)
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
	return s.setEmail(ctx, Operator, user.ID, clean, func(Tx) error { return nil })
}

// setEmail changes an address. Links that were sent to the old one are dead.
func (s *Service) setEmail(ctx context.Context, actor Actor, userID, email string, first func(Tx) error) error {
	return s.update(ctx, actor, EmailChanged, func(tx Tx, e *Event) error {
		if err := first(tx); err != nil {
			return err
		}
		user, err := tx.User(ctx, userID)
		if err != nil {
			return err
		}
		e.TargetID, e.Details = userID, map[string]string{"email": email, "email_before": user.Email}
		if err := tx.DeleteOneTimeTokens(ctx, PurposePasswordReset, userID); err != nil {
			return err
		}
		if err := tx.ConfirmUser(ctx, userID, s.clock()); err != nil {
			return err
		}
		return tx.SetEmail(ctx, userID, email)
	})
}
