package workspace

import (
	"cmp"
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
	if err != nil {
		return f, whenNotFound(err, nil)
	}
	f.Since = totp.CreatedAt
	f.CodesLeft, err = s.store.RecoveryCodes(ctx, actor.UserID)
	return f, err
}

// AddTOTP makes codes of a secret the actor's second factor, once a code shows that their authenticator has it, and returns
// recovery codes, which can't be had again. A person who has a second factor replaces it. The session is one with a second factor
// from then on.
func (s *Service) AddTOTP(ctx context.Context, actor Actor, session Session, secret, code string) ([]string, error) {
	if err := s.OwnProof(ctx, actor); err != nil {
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
		return nil, invalid{"code": "This is not the present code. Check that your device’s clock is right, and enter the next one."}.err()
	}
	totp.LastStep = step
	codes, digests := newRecoveryCodes()
	return codes, s.update(ctx, actor, TOTPAdded, func(tx Tx, e *Event) error {
		e.TargetID = actor.UserID
		if err := tx.PutTOTP(ctx, totp); err != nil {
			return err
		}
		if session.Method == ByPassword {
			if err := tx.SetSessionMethod(ctx, session.Digest, ByCode); err != nil {
				return err
			}
		}
		return tx.PutRecoveryCodes(ctx, actor.UserID, digests)
	})
}

// RemoveTOTP leaves the actor with their password alone.
func (s *Service) RemoveTOTP(ctx context.Context, actor Actor) error {
	if err := s.OwnProof(ctx, actor); err != nil {
		return err
	}
	w, err := s.store.Workspace(ctx, actor.WorkspaceID)
	if err != nil {
		return err
	}
	if passkeys, err := s.Passkeys(ctx, actor); err != nil || w.SignIn.Require == RequireSecondFactor && len(passkeys) == 0 {
		return cmp.Or(err, error(&Error{Kind: Conflict, Message: w.Name + " requires a second factor, and you have no other. Add a passkey first."}))
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
	if err := s.OwnProof(ctx, actor); err != nil {
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
