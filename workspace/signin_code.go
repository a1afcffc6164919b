package workspace

import (
	"context"
	"time"
)

// signInLifetime is how long the second half of a sign-in may take.
const signInLifetime = 5 * time.Minute

// awaitCode begins the second half of a sign-in for who has proved to know the password. It returns "" for who has no second
// factor.
func (s *Service) awaitCode(ctx context.Context, userID string, proved []throttleSubject) (token string, err error) {
	if _, err := s.store.TOTP(ctx, userID); err != nil {
		return "", whenNotFound(err, nil)
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := forgiveAll(ctx, tx, proved); err != nil {
			return err
		}
		token, err = s.putToken(ctx, tx, PurposeSignIn, userID, signInLifetime)
		return err
	})
	return token, err
}

var errSignInOver = &Error{Kind: Gone, Message: "This sign-in has taken too long, or another one was begun. Start again."}

// FinishSignIn starts the session of who has proved to know the password, by a code of their authenticator or one of their
// recovery codes. No code works twice, not even at the same time.
func (s *Service) FinishSignIn(ctx context.Context, actor Actor, token, code, deviceToken string) (SignedInSession, error) {
	t, err := s.liveToken(ctx, PurposeSignIn, token, errSignInOver)
	if err != nil {
		return SignedInSession{}, err
	}
	member, err := s.store.Member(ctx, actor.WorkspaceID, t.UserID)
	if err != nil && KindOf(err) != NotFound {
		return SignedInSession{}, err
	}
	if !member.Active {
		return SignedInSession{}, errSignInOver
	}
	tries := []throttleSubject{{name: "code:" + t.UserID, freeTries: freeTriesAccount}}
	if err := s.countTry(ctx, tries); err != nil {
		return SignedInSession{}, err
	}
	right, err := s.useCode(ctx, actor, t, cleanCode(code))
	if err != nil {
		return SignedInSession{}, err
	}
	if !right {
		return SignedInSession{}, s.refuseCode(ctx, actor, t.UserID)
	}
	return s.startSession(ctx, actor, member, tries, deviceToken)
}

// useCode uses a code up and, with it, the sign-in that it was asked for.
func (s *Service) useCode(ctx context.Context, actor Actor, t OneTimeToken, code string) (right bool, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		right = false
		totp, err := tx.TOTP(ctx, t.UserID)
		if err != nil {
			return err
		}
		if step, ok := totp.match(code, s.clock()); ok {
			right, err = tx.UseTOTPStep(ctx, t.UserID, step)
		} else if right, err = tx.UseRecoveryCode(ctx, t.UserID, digestOf(code)); right && err == nil {
			actor.Kind, actor.UserID = ByPerson, t.UserID
			e := s.event(actor, CodeUsed)
			e.TargetID = t.UserID
			err = tx.InsertEvent(ctx, e)
		}
		if err != nil || !right {
			return err
		}
		_, err = tx.UseOneTimeToken(ctx, PurposeSignIn, t.Digest)
		return whenNotFound(err, errSignInOver)
	})
	return right, err
}

func (s *Service) refuseCode(ctx context.Context, actor Actor, userID string) error {
	if err := s.note(ctx, actor, SignInRefused, userID); err != nil {
		return err
	}
	return &Error{Kind: Unauthenticated, Message: "This code is wrong, or has been used."}
}
