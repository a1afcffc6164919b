package workspace

import (
	"context"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/totp"
)

// TOTP is a person's authenticator app, as a second factor (RFC 6238).
type TOTP struct {
	UserID    string
	Secret    []byte
	LastStep  int64 // the newest time step whose code was used
	CreatedAt time.Time
	CodesLeft int // unused recovery codes, which are stored apart
}

// TOTPURL returns what a QR code tells an authenticator app: the secret, and
// the names of the workspace and the member.
func TOTPURL(w Workspace, m Member, secret string) string {
	return totp.Account{Issuer: "Keylodge " + w.Name, Name: m.Email, Secret: secret}.URL()
}

// newRecoveryCodes returns new recovery codes, and their digests to store.
func newRecoveryCodes() (codes []string, digests []secret.Digest) {
	codes = totp.NewRecoveryCodes()
	for _, code := range codes {
		digests = append(digests, secret.DigestOf(totp.CleanCode(code)))
	}
	return codes, digests
}

// SecondFactor is what a person has beside their password.
type SecondFactor struct {
	Since     time.Time // zero: none
	CodesLeft int       // recovery codes
}

// SecondFactor returns what the actor has beside their password.
func (s *Service) SecondFactor(ctx context.Context, actor Actor) (SecondFactor, error) {
	return secondFactor(ctx, s.store, actor.UserID)
}

func secondFactor(ctx context.Context, r Reader, userID string) (f SecondFactor, err error) {
	factor, err := r.TOTP(ctx, userID)
	if err != nil {
		return f, whenNotFound(err, nil)
	}
	f.Since = factor.CreatedAt
	f.CodesLeft = factor.CodesLeft
	return f, nil
}

// AddTOTP makes codes of a secret the actor's second factor, once a code shows
// that their authenticator has it, and returns recovery codes, which can't be
// had again. A person who has a second factor replaces it. The session is one
// with a second factor from then on.
func (s *Service) AddTOTP(ctx context.Context, actor Actor, session Session, secret, code string) ([]string, error) {
	if err := s.RequireOwnProof(ctx, actor); err != nil {
		return nil, err
	}
	bytes, ok := totp.DecodeSecret(secret)
	if !ok {
		return nil, invalid{"secret": "This form is incomplete. Reload the page."}.err()
	}
	now := s.clock()
	factor := TOTP{UserID: actor.UserID, Secret: bytes, CreatedAt: now}
	step, ok := totp.Match(bytes, totp.CleanCode(code), now)
	if !ok {
		return nil, invalid{"code": "This is not the present code. Check that your device’s clock is right, and " +
			"enter the next one."}.err()
	}
	factor.LastStep = step
	codes, digests := newRecoveryCodes()
	return codes, s.alterOwnCredentials(ctx, actor, func(tx Tx, a *act) error {
		a.record(ActionTOTPAdded, actor.UserID, nil)
		if err := tx.PutTOTP(ctx, factor); err != nil {
			return err
		}
		if method, proof := session.withCode(); method != session.Method || proof != session.Proof {
			if err := tx.UpdateSession(ctx, session.Digest, SessionUpdate{Method: method, Proof: proof}); err != nil {
				return err
			}
		}
		return tx.PutRecoveryCodes(ctx, actor.UserID, digests)
	})
}

// RemoveTOTP removes the actor's authenticator app. It is an [Error] of kind
// Conflict when a workspace of theirs requires a second factor and they would
// have none.
func (s *Service) RemoveTOTP(ctx context.Context, actor Actor) error {
	if err := s.RequireOwnProof(ctx, actor); err != nil {
		return err
	}
	return s.alterOwnCredentials(ctx, actor, func(tx Tx, a *act) error {
		if err := deleteTOTP(ctx, tx, a, actor.UserID); err != nil {
			return err
		}
		return keepsSignInMethods(ctx, tx, actor.UserID, MethodCode)
	})
}

func deleteTOTP(ctx context.Context, tx Tx, a *act, userID string) error {
	a.record(ActionTOTPRemoved, userID, nil)
	return tx.DeleteSignInMethods(ctx, SignInMethodFilter{UserID: userID, Method: MethodCode})
}

// RemoveTOTPOf is RemoveTOTP for the operator, when a person has lost their
// device and their recovery codes.
func (s *Service) RemoveTOTPOf(ctx context.Context, email string) error {
	user, err := s.store.User(ctx, UserLookup{Email: FoldEmail(email)})
	if err != nil {
		return err
	}
	return s.alterCredentials(ctx, Operator, user.ID, func(tx Tx, a *act) error {
		return deleteTOTP(ctx, tx, a, user.ID)
	})
}

// NewRecoveryCodes gives the actor other recovery codes in place of those they
// have.
func (s *Service) NewRecoveryCodes(ctx context.Context, actor Actor) ([]string, error) {
	if err := s.RequireOwnProof(ctx, actor); err != nil {
		return nil, err
	}
	codes, digests := newRecoveryCodes()
	return codes, s.alterOwnCredentials(ctx, actor, func(tx Tx, a *act) error {
		a.record(ActionCodesMade, actor.UserID, nil)
		if _, err := tx.TOTP(ctx, actor.UserID); err != nil {
			return err
		}
		return tx.PutRecoveryCodes(ctx, actor.UserID, digests)
	})
}
