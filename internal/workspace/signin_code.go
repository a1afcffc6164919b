package workspace

import (
	"context"
	"errors"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/totp"
)

// signInLifetime is how long the second half of a sign-in may take.
const signInLifetime = 5 * time.Minute

// awaitCode begins the second half of a sign-in for a user who knows the
// password. It returns "" for one who has no authenticator app.
func (s *Service) awaitCode(ctx context.Context, actor Actor, proof signInProof) (token string, err error) {
	userID := proof.member.UserID
	if _, err := s.store.TOTP(ctx, userID); err != nil {
		return "", whenNotFound(err, nil)
	}
	err = s.sweep(ctx, func(tx Tx) error {
		if err := tx.HoldCredentials(ctx, userID, proof.version); err != nil {
			return whenNotFound(err, errStaleProof)
		}
		if err := forgiveAll(ctx, tx, proof.tries); err != nil {
			return err
		}
		token, err = s.putToken(ctx, tx, OneTimeToken{Purpose: PurposeSignIn, UserID: userID,
			CredentialVersion: proof.version}, signInLifetime)
		return err
	})
	if errors.Is(err, errStaleProof) {
		err = s.refuseSignIn(ctx, actor, userID)
	}
	return token, err
}

var errSignInOver = &Error{Kind: Gone,
	Message: "This sign-in has taken too long, or another one was begun. Start again."}

// SignInCode is what completes a sign-in that waits for a code.
type SignInCode struct {
	Token string // [SignedInSession].Await
	Code  string
}

// FinishSignIn starts the session of a user who knows the password, by a code
// of their authenticator app or one of their recovery codes. No code works
// twice, not even at the same time.
func (s *Service) FinishSignIn(ctx context.Context, r SignInRequest, f SignInCode) (SignedInSession, error) {
	t, err := s.liveToken(ctx, PurposeSignIn, f.Token, errSignInOver)
	if err != nil {
		return SignedInSession{}, err
	}
	member, err := s.store.Member(ctx, r.Actor.WorkspaceID, t.UserID)
	if err != nil && KindOf(err) != NotFound {
		return SignedInSession{}, err
	}
	if !member.Active {
		return SignedInSession{}, errSignInOver
	}
	proof := signInProof{member: member, version: t.CredentialVersion, at: s.clock(), method: MethodCode,
		also: func(tx Tx, _ *act) error {
			_, err := tx.UseOneTimeToken(ctx, PurposeSignIn, t.Digest)
			return whenNotFound(err, errSignInOver)
		}}
	return s.signInByCode(ctx, r, proof, f.Code)
}

// StepUpByCode starts a new session for a user who is signed in and enters a
// code of their authenticator app, or a recovery code. Together with the
// password that began the session it is a second factor.
func (s *Service) StepUpByCode(ctx context.Context, r SignInRequest, code string) (SignedInSession, error) {
	proof := signInProof{member: r.Member, version: r.Actor.CredentialVersion, at: s.clock(), by: MethodCode}
	if r.Actor.Method == MethodPassword {
		proof.method = MethodCode
	}
	return s.signInByCode(ctx, r, proof, code)
}

// errWrongCode undoes the start of a session whose code is wrong, or was used.
var errWrongCode = errors.New("workspace: wrong code")

// signInByCode starts the session that a code completes.
func (s *Service) signInByCode(ctx context.Context, r SignInRequest, proof signInProof, code string) (SignedInSession,
	error) {
	userID := proof.member.UserID
	proof.tries = []throttleSubject{{name: "code:" + userID, freeTries: freeTriesAccount}}
	if err := s.countTry(ctx, proof.tries); err != nil {
		return SignedInSession{}, err
	}
	use, err := s.codeUse(ctx, userID, totp.CleanCode(code))
	if err != nil {
		return SignedInSession{}, err
	}
	also := proof.also
	proof.also = func(tx Tx, a *act) error {
		if err := use(tx, a); err != nil || also == nil {
			return err
		}
		return also(tx, a)
	}
	in, err := s.startSession(ctx, r, proof)
	if errors.Is(err, errWrongCode) {
		err = s.refuseCode(ctx, r.Actor, userID)
	}
	return in, err
}

// codeUse returns what uses a code up, and returns errWrongCode where it can't.
// A recovery code is an act of its own; a code of an authenticator app is part
// of the sign-in.
func (s *Service) codeUse(ctx context.Context, userID, code string) (func(Tx, *act) error, error) {
	factor, err := s.store.TOTP(ctx, userID)
	if err != nil {
		return func(Tx, *act) error { return errWrongCode }, whenNotFound(err, nil)
	}
	if step, ok := totp.Match(factor.Secret, code, s.clock()); ok {
		return func(tx Tx, _ *act) error {
			return codeUsed(tx.UseCode(ctx, CodeUse{UserID: userID, Step: step}))
		}, nil
	}
	return func(tx Tx, a *act) error {
		recovery := CodeUse{UserID: userID, Recovery: secret.DigestOf(code)}
		if err := codeUsed(tx.UseCode(ctx, recovery)); err != nil {
			return err
		}
		a.record(ActionCodeUsed, userID, nil)
		return nil
	}, nil
}

func codeUsed(used bool, err error) error {
	if err == nil && !used {
		err = errWrongCode
	}
	return err
}

func (s *Service) refuseCode(ctx context.Context, actor Actor, userID string) error {
	if err := s.recordRefusal(ctx, actor, ActionSignInRefused, userID); err != nil {
		return err
	}
	return &Error{Kind: Unauthenticated, Message: "This code is wrong, or has been used."}
}
