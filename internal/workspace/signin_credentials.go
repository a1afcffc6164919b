package workspace

import (
	"context"
	"slices"

	"github.com/keylodge/keylodge/internal/secret"
)

// errCredentialsChanged refuses a change in a session that was read before
// another change of how its person signs in.
var errCredentialsChanged = &Error{Kind: Conflict,
	Message: "How you sign in was changed at the same moment. Reload the page and try again."}

// alterCredentials is act for a change of how a person signs in. It raises
// the version of their credentials, so that nothing that was verified before
// starts a session, and deletes all of their one-time tokens. The version comes
// first: every transaction takes the person's row before their sessions and
// tokens, so that no two wait for each other.
func (s *Service) alterCredentials(ctx context.Context, actor Actor, userID string,
	fn func(Tx, *act) error) error {
	return s.act(ctx, actor, noPermission, func(tx Tx, a *act) error {
		return replaceCredentials(ctx, tx, userID, func() error { return fn(tx, a) })
	})
}

func replaceCredentials(ctx context.Context, tx Tx, userID string, fn func() error) error {
	if err := tx.UpdateUser(ctx, userID, UserUpdate{RaiseCredentials: true}); err != nil {
		return err
	}
	if err := fn(); err != nil {
		return err
	}
	return tx.DeleteOneTimeTokens(ctx, OneTimeTokenFilter{UserID: userID})
}

// alterOwnCredentials is alterCredentials for a session's own person. It takes
// [Service.RequireOwnProof], which is decided again in the transaction: the
// session may have ended since it was read, or the person may have a factor by
// now.
func (s *Service) alterOwnCredentials(ctx context.Context, actor Actor, fn func(Tx, *act) error) error {
	return s.act(ctx, actor, noPermission, func(tx Tx, a *act) error {
		if err := s.holdOwnCredentials(ctx, tx, actor); err != nil {
			return err
		}
		return replaceCredentials(ctx, tx, actor.UserID, func() error { return fn(tx, a) })
	})
}

// holdOwnCredentials keeps the actor's credentials as they were when their
// session was read, and takes RequireOwnProof.
func (s *Service) holdOwnCredentials(ctx context.Context, tx Tx, actor Actor) error {
	if err := tx.HoldCredentials(ctx, actor.UserID, actor.CredentialVersion); err != nil {
		return whenNotFound(err, errCredentialsChanged)
	}
	if err := s.stillSignedIn(ctx, tx, actor); err != nil {
		return err
	}
	return s.requireOwnProof(ctx, tx, actor)
}

// stillSignedIn returns an [Error] of kind Unauthenticated when the actor's
// session has ended since it was read.
func (s *Service) stillSignedIn(ctx context.Context, r Reader, actor Actor) error {
	if actor.SessionID == "" {
		return nil
	}
	sessions, err := s.liveSessions(ctx, r, actor)
	if err == nil && !slices.ContainsFunc(sessions,
		func(session Session) bool { return session.ID() == actor.SessionID }) {
		err = errSignedOut
	}
	return err
}

// confirmEmail records that a person has proven that their email address is
// theirs. Until then anyone may have made the account in their name: all
// sign-in methods but the password, which is the caller's to set, and all
// sessions are gone, but for the session with a digest, in which they have
// proven it. It returns the event's details, which say whether any method was
// removed.
func (s *Service) confirmEmail(ctx context.Context, tx Tx, user User, kept secret.Digest) (map[string]string, error) {
	details := map[string]string{}
	removes, err := removesMethods(ctx, tx, user)
	if err != nil {
		return nil, err
	}
	if removes {
		details[detailMethods] = methodsRemoved
	}
	if user.ConfirmedAt.IsZero() {
		if err := tx.DeleteSignInMethods(ctx, SignInMethodFilter{UserID: user.ID}); err != nil {
			return nil, err
		}
		if err := tx.DeleteSessions(ctx, SessionFilter{UserID: user.ID, Except: kept}); err != nil {
			return nil, err
		}
	}
	return details, tx.UpdateUser(ctx, user.ID, UserUpdate{ConfirmedAt: s.clock()})
}

// The detail of an event that says that a person's other sign-in methods were
// removed when their email address was confirmed.
const (
	detailMethods  = "sign_in_methods"
	methodsRemoved = "removed"
)

// EmailLink is what a link that was sent to a person does when it is used.
type EmailLink struct {
	Email          string
	RemovesMethods bool // see [Service.confirmEmail]: the person has methods that will be gone
}

// emailLink returns what a link for an email of a user's does.
func (s *Service) emailLink(ctx context.Context, user User, email string) (l EmailLink, err error) {
	l.Email = email
	l.RemovesMethods, err = removesMethods(ctx, s.store, user)
	return l, err
}

// removesMethods reports whether confirming the user's email address removes
// sign-in methods that the user knows of.
func removesMethods(ctx context.Context, r Reader, user User) (bool, error) {
	if !user.ConfirmedAt.IsZero() {
		return false, nil
	}
	ways, err := signInMethods(ctx, r, user.ID)
	return ways.HasFactor() || len(ways.Identities) > 0, err
}
