package workspace

import (
	"context"
	"time"
)

// SecondFactor is what a person has beside their password.
type SecondFactor struct {
	Since     time.Time // zero: none
	CodesLeft int       // recovery codes
}

// SecondFactor returns what the actor has beside their password.
func (s *Service) SecondFactor(ctx context.Context, actor Actor) (f SecondFactor, err error) {
	totp, err := s.store.TOTP(ctx, actor.UserID)
	if KindOf(err) == NotFound {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	f.Since = totp.CreatedAt
	f.CodesLeft, err = s.store.RecoveryCodes(ctx, actor.UserID)
	return f, err
}

// AddTOTP makes codes of a secret the actor's second factor, once a code shows that their authenticator has it, and returns
// recovery codes, which can't be had again. A person who has a second factor replaces it.
func (s *Service) AddTOTP(ctx context.Context, actor Actor, secret, code string) ([]string, error) {
	if err := s.justProven(actor); err != nil {
		return nil, err
	}
	bytes, err := totpEncoding.DecodeString(secret)
	if err != nil || len(bytes) != totpSecretBytes {
		return nil, invalid{"secret": "This form is incomplete. Reload the page."}.err()
	}
	now := s.clock()
	totp := TOTP{UserID: actor.UserID, Secret: bytes, CreatedAt: now}
	step, ok := totp.match(cleanCode(code), now)
	if !ok {
		return nil, invalid{"code": "This is not the code of now. Check that your device’s clock is right, and enter the next one."}.err()
	}
	totp.LastStep = step
	codes, digests := newRecoveryCodes()
	return codes, s.update(ctx, actor, TOTPAdded, func(tx Tx, e *Event) error {
		e.TargetID = actor.UserID
		if err := tx.PutTOTP(ctx, totp); err != nil {
			return err
		}
		return tx.PutRecoveryCodes(ctx, actor.UserID, digests)
	})
}

// RemoveTOTP leaves the actor with their password alone.
func (s *Service) RemoveTOTP(ctx context.Context, actor Actor) error {
	if err := s.justProven(actor); err != nil {
		return err
	}
	return s.removeTOTP(ctx, actor, actor.UserID)
}

func (s *Service) removeTOTP(ctx context.Context, actor Actor, userID string) error {
	return s.update(ctx, actor, TOTPRemoved, func(tx Tx, e *Event) error {
		e.TargetID = userID
		if err := tx.DeleteTOTP(ctx, userID); err != nil {
			return err
		}
		return tx.PutRecoveryCodes(ctx, userID, nil)
	})
}

// RemoveTOTPOf is RemoveTOTP for the operator, when a person has lost their device and their recovery codes.
func (s *Service) RemoveTOTPOf(ctx context.Context, email string) error {
	user, err := s.store.UserByEmail(ctx, FoldEmail(email))
	if err != nil {
		return err
	}
	return s.removeTOTP(ctx, Operator, user.ID)
}

// NewRecoveryCodes gives the actor other recovery codes in place of those they have.
func (s *Service) NewRecoveryCodes(ctx context.Context, actor Actor) ([]string, error) {
	if err := s.justProven(actor); err != nil {
		return nil, err
	}
	codes, digests := newRecoveryCodes()
	return codes, s.update(ctx, actor, CodesMade, func(tx Tx, e *Event) error {
		e.TargetID = actor.UserID
		if _, err := tx.TOTP(ctx, actor.UserID); err != nil {
			return err
		}
		return tx.PutRecoveryCodes(ctx, actor.UserID, digests)
	})
}

// signInLifetime is how long the second half of a sign-in may take.
const signInLifetime = 5 * time.Minute

// awaitCode begins the second half of a sign-in for who has proved to know the password. It returns "" for who has no second
// factor.
func (s *Service) awaitCode(ctx context.Context, userID string, proved []throttleSubject) (token string, err error) {
	if _, err := s.store.TOTP(ctx, userID); err != nil {
		if KindOf(err) == NotFound {
			err = nil
		}
		return "", err
	}
	token, now := NewToken(), s.clock()
	return token, s.store.Update(ctx, func(tx Tx) error {
		for _, p := range proved {
			if err := p.forgive(ctx, tx); err != nil {
				return err
			}
		}
		if err := tx.DeleteOneTimeTokens(ctx, PurposeSignIn, userID); err != nil {
			return err
		}
		return tx.InsertOneTimeToken(ctx, OneTimeToken{
			Digest: TokenDigest(token), Purpose: PurposeSignIn, UserID: userID, CreatedAt: now, ExpiresAt: now.Add(signInLifetime),
		})
	})
}

var errSignInOver = &Error{Kind: Gone, Message: "This sign-in has taken too long, or another one was begun. Start again."}

// FinishSignIn starts the session of who has proved to know the password, by a code of their authenticator or one of their
// recovery codes. No code works twice, not even at the same time.
func (s *Service) FinishSignIn(ctx context.Context, actor Actor, token, code, deviceToken string) (SignedInSession, error) {
	t, err := s.store.OneTimeToken(ctx, PurposeSignIn, TokenDigest(token))
	if KindOf(err) == NotFound || err == nil && !s.clock().Before(t.ExpiresAt) {
		return SignedInSession{}, errSignInOver
	}
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
		if KindOf(err) == NotFound {
			err = errSignInOver
		}
		return err
	})
	return right, err
}

func (s *Service) refuseCode(ctx context.Context, actor Actor, userID string) error {
	if err := s.noteRefusal(ctx, actor, userID); err != nil {
		return err
	}
	return &Error{Kind: Unauthenticated, Message: "This code is wrong, or has been used."}
}
