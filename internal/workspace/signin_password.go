package workspace

import (
	"context"
	"errors"
	"time"

	"github.com/keylodge/keylodge/internal/password"
)

// Credentials are what a user types to sign in.
type Credentials struct{ Email, Password string }

// PasswordChange is what a user types to change their password.
type PasswordChange struct{ Current, New string }

// ChangePassword sets the password of an actor who knows the present one. Where
// there is none, or the account has a second factor, it takes
// [Service.RequireOwnProof] too. It ends all their sessions in every workspace,
// deletes their one-time tokens, and begins a new session here.
func (s *Service) ChangePassword(ctx context.Context, r SignInRequest, c PasswordChange) (SignedInSession, error) {
	actor := r.Actor
	user, err := s.store.User(ctx, UserLookup{ID: actor.UserID})
	if err != nil {
		return SignedInSession{}, err
	}
	if err := s.mayChangePassword(ctx, s.store, actor); err != nil {
		return SignedInSession{}, err
	}
	wrong := invalid{}
	wrong.add("password", password.Check(c.New, user.Name, user.Email))
	if c.New == c.Current && c.New != "" {
		wrong.add("password", "This is your present password. Choose another one.")
	}
	if err := wrong.err(); err != nil {
		return SignedInSession{}, err
	}
	proof := signInProof{version: actor.CredentialVersion, at: actor.ProvenAt}
	if proof.tries, err = s.provePresent(ctx, r, user, c.Current); err != nil {
		return SignedInSession{}, err
	}
	if proof.member, err = s.store.Member(ctx, actor.WorkspaceID, user.ID); err != nil {
		return SignedInSession{}, err
	}
	hash, err := s.hashPassword(ctx, c.New)
	if err != nil {
		return SignedInSession{}, err
	}
	proof.also = s.replacePassword(ctx, actor, hash)
	if user.PasswordHash != "" {
		proof.by, proof.at = MethodPassword, s.clock()
	}
	return s.startSession(ctx, r, proof)
}

// mayChangePassword returns nil when knowing the present password, if there is
// one, is enough to change it.
func (s *Service) mayChangePassword(ctx context.Context, r Reader, actor Actor) error {
	ways, err := signInMethods(ctx, r, actor.UserID)
	if err != nil || ways.Password && !ways.HasFactor() {
		return err
	}
	return s.requireOwnProof(ctx, r, actor)
}

// replacePassword returns what sets a password and ends all sessions, in the
// transaction that begins the next one.
func (s *Service) replacePassword(ctx context.Context, actor Actor, hash string) func(Tx, *act) error {
	return func(tx Tx, a *act) error {
		if err := s.mayChangePassword(ctx, tx, actor); err != nil {
			return err
		}
		a.record(ActionPasswordSet, actor.UserID, nil)
		return replaceCredentials(ctx, tx, actor.UserID, func() error {
			if err := tx.UpdateUser(ctx, actor.UserID, UserUpdate{PasswordHash: hash}); err != nil {
				return err
			}
			return tx.DeleteSessions(ctx, SessionFilter{UserID: actor.UserID})
		})
	}
}

// provePresent takes the present password of a user who has one.
func (s *Service) provePresent(ctx context.Context, r SignInRequest, user User, current string) ([]throttleSubject,
	error) {
	if user.PasswordHash == "" {
		return nil, nil
	}
	right, tries, err := s.tryPassword(ctx, r, user, Credentials{Email: user.Email, Password: current})
	if err == nil && !right {
		err = s.refusePassword(ctx, r.Actor)
	}
	return tries, err
}

func (s *Service) refusePassword(ctx context.Context, actor Actor) error {
	if err := s.recordRefusal(ctx, actor, ActionPasswordRefused, actor.UserID); err != nil {
		return err
	}
	return invalid{"current_password": "This is not your password."}.err()
}

var errBusy = &Error{
	Kind: Unavailable, Message: "Many people are signing in right now. Try again in a moment.", RetryAfter: time.Second,
}

// whenBusy turns [password.ErrBusy] into the error that people see.
func whenBusy(err error) error {
	if errors.Is(err, password.ErrBusy) {
		return errBusy
	}
	return err
}

// hashPassword returns the hash of a new password.
func (s *Service) hashPassword(ctx context.Context, text string) (string, error) {
	hash, err := s.passwords.Hash(ctx, text)
	return hash, whenBusy(err)
}

// provePassword returns the active member whose password it is.
func (s *Service) provePassword(ctx context.Context, r SignInRequest, c Credentials) (signInProof, error) {
	c.Email = FoldEmail(c.Email)
	user, err := s.store.User(ctx, UserLookup{Email: c.Email})
	if err != nil && KindOf(err) != NotFound {
		return signInProof{}, err
	}
	right, tries, err := s.tryPassword(ctx, r, user, c)
	if err != nil {
		return signInProof{}, err
	}
	member, err := s.store.Member(ctx, r.Actor.WorkspaceID, user.ID)
	if err != nil && KindOf(err) != NotFound {
		return signInProof{}, err
	}
	if !right || !member.Active {
		return signInProof{}, s.refuseSignIn(ctx, r.Actor, user.ID)
	}
	return signInProof{member: member, version: user.CredentialVersion, at: s.clock(), tries: tries}, nil
}

// tryPassword reports whether a password is the user's, who is zero when nobody
// has the email. The attempt counts as a wrong one until the subjects are
// forgiven.
func (s *Service) tryPassword(ctx context.Context, r SignInRequest, user User, c Credentials) (right bool,
	subjects []throttleSubject, err error) {
	leave, err := s.passwords.Enter()
	if err != nil {
		return false, nil, whenBusy(err)
	}
	defer leave()
	if subjects, err = s.throttleSubjects(ctx, r, user, c.Email); err != nil {
		return false, nil, err
	}
	if err := s.countTry(ctx, subjects); err != nil {
		return false, nil, err
	}
	right, err = s.passwords.Verify(ctx, c.Password, user.PasswordHash)
	if err != nil { // nothing was tried, so nothing counts
		err = errors.Join(whenBusy(err), s.forgive(ctx, subjects))
	}
	return right, subjects, err
}

func (s *Service) refuseSignIn(ctx context.Context, actor Actor, userID string) error {
	if err := s.recordRefusal(ctx, actor, ActionSignInRefused, userID); err != nil {
		return err
	}
	return &Error{Kind: Unauthenticated, Message: "The e-mail address or the password is wrong."}
}
