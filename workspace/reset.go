package workspace

import "context"

// NewResetLink returns the token of a link that sets a person's password once, for the operator. Links made
// before it are dead.
func (s *Service) NewResetLink(ctx context.Context, email string) (string, error) {
	return s.newResetLink(ctx, Operator, email)
}

func (s *Service) newResetLink(ctx context.Context, actor Actor, email string) (string, error) {
	user, err := s.store.UserByEmail(ctx, FoldEmail(email))
	if err != nil {
		return "", err
	}
	var token string
	err = s.update(ctx, actor, ResetLinkMade, func(tx Tx, e *Event) error {
		e.TargetID = user.ID
		token, err = s.putToken(ctx, tx, PurposePasswordReset, user.ID, ResetLinkLifetime, "")
		return err
	})
	return token, err
}

var errResetLink = &Error{Kind: Gone, Message: "This link has been used, has been replaced, or is more than a day old. " +
	"Ask whoever runs Keylodge for a new one."}

// ResetLinkUser returns whose password a link would set. A dead link is an [Error] of kind Gone.
func (s *Service) ResetLinkUser(ctx context.Context, token string) (User, error) {
	t, err := s.liveToken(ctx, PurposePasswordReset, token, errResetLink)
	if err != nil {
		return User{}, err
	}
	return s.store.User(ctx, t.UserID)
}

// confirm writes down that who has a link that was sent to an address, or given by whoever runs Keylodge, is who the account is of. If
// that was never proven before, somebody else may have made the account in their name and put ways in of their own into it:
// these are gone. A second factor stays: it lets nobody in.
func (s *Service) confirm(ctx context.Context, tx Tx, user User) error {
	if !user.ConfirmedAt.IsZero() {
		return nil
	}
	if err := tx.DeleteForeignWaysIn(ctx, user.ID); err != nil {
		return err
	}
	return tx.ConfirmUser(ctx, user.ID, s.clock())
}

// ResetPassword uses the link up, sets the password and ends all of the person's sessions. A password that is
// refused leaves the link as it was.
func (s *Service) ResetPassword(ctx context.Context, actor Actor, token, password string) error {
	user, err := s.ResetLinkUser(ctx, token)
	if err != nil {
		return err
	}
	wrong := invalid{}
	wrong.add("password", checkPassword(password, user.Name, user.Email))
	if err := wrong.err(); err != nil {
		return err
	}
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.update(ctx, actor, PasswordSet, func(tx Tx, e *Event) error {
		e.TargetID = user.ID
		if _, err := tx.UseOneTimeToken(ctx, PurposePasswordReset, TokenDigest(token)); err != nil {
			return whenNotFound(err, errResetLink)
		}
		if err := s.confirm(ctx, tx, user); err != nil {
			return err
		}
		if err := tx.SetPassword(ctx, user.ID, hash); err != nil {
			return err
		}
		return tx.DeleteSessionsOf(ctx, user.ID)
	})
}
