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
	err = s.sweep(ctx, func(tx Tx) error {
		if err := forgiveAll(ctx, tx, proved); err != nil {
			return err
		}
		token, err = s.putToken(ctx, tx, PurposeSignIn, userID, signInLifetime, "")
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
	actor.Method = ByCode
	return s.signInByCode(ctx, actor, member, code, deviceToken, func(tx Tx) error {
		_, err := tx.UseOneTimeToken(ctx, PurposeSignIn, t.Digest)
		return whenNotFound(err, errSignInOver)
	})
}

// ProveByCode starts a new session for who is signed in and enters a code of their authenticator, or a recovery code.
func (s *Service) ProveByCode(ctx context.Context, actor Actor, m Member, code, deviceToken string) (SignedInSession, error) {
	actor.Proof = ByCode
	return s.signInByCode(ctx, actor, m, code, deviceToken, func(Tx) error { return nil })
}

func (s *Service) signInByCode(ctx context.Context, actor Actor, m Member, code, deviceToken string, also func(Tx) error) (SignedInSession, error) {
	tries := []throttleSubject{{name: "code:" + m.UserID, freeTries: freeTriesAccount}}
	if err := s.countTry(ctx, tries); err != nil {
		return SignedInSession{}, err
	}
	right, err := s.useCode(ctx, actor, m.UserID, cleanCode(code), also)
	if err != nil {
		return SignedInSession{}, err
	}
	if !right {
		return SignedInSession{}, s.refuseCode(ctx, actor, m.UserID)
	}
	return s.startSession(ctx, actor, m, tries, deviceToken)
}

// useCode uses a code up and does what goes with it. A recovery code is an act
// of its own; a code of an authenticator is part of the sign-in.
func (s *Service) useCode(ctx context.Context, actor Actor, userID, code string, also func(Tx) error) (right bool, err error) {
	totp, err := s.store.TOTP(ctx, userID)
	if err != nil {
		return false, whenNotFound(err, nil)
	}
	use := func(tx Tx) (bool, error) { return tx.UseRecoveryCode(ctx, userID, digestOf(code)) }
	step, isTOTP := totp.match(code, s.clock())
	if isTOTP {
		use = func(tx Tx) (bool, error) { return tx.UseTOTPStep(ctx, userID, step) }
	}
	once := func(tx Tx) (err error) {
		if right, err = use(tx); err != nil || !right {
			return changedOr(right, err)
		}
		return also(tx)
	}
	if isTOTP {
		return right, s.sweep(ctx, once)
	}
	actor.Kind, actor.UserID = ByPerson, userID
	err = s.update(ctx, actor, CodeUsed, func(tx Tx, e *Event) error {
		e.TargetID = userID
		return once(tx)
	})
	return right, err
}

func (s *Service) refuseCode(ctx context.Context, actor Actor, userID string) error {
	if err := s.note(ctx, actor, SignInRefused, userID); err != nil {
		return err
	}
	return &Error{Kind: Unauthenticated, Message: "This code is wrong, or has been used."}
}
