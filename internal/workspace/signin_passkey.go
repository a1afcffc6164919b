package workspace

import (
	"context"
	"slices"
	"time"
)

// Passkey is a way to sign in that lives in an authenticator (WebAuthn). What
// it signs is checked by package passkey.
type Passkey struct {
	ID         string
	UserID     string
	Credential []byte // its id, as the authenticator made it
	Site       string // the host that it is good for
	Name       string
	Data       string // the public part, as package passkey wrote it
	CreatedAt  time.Time
	UsedAt     time.Time // zero: never

	// CredentialVersion is the owner's when [Service.PasskeyOf] read the
	// passkey.
	CredentialVersion int64
}

// maxPasskeys is how many a person may have.
const maxPasskeys = 20

// Passkeys returns a person's passkeys, the oldest first.
func (s *Service) Passkeys(ctx context.Context, actor Actor) ([]Passkey, error) {
	return s.store.Passkeys(ctx, PasskeyFilter{UserID: actor.UserID})
}

// PasskeyOf returns the passkey with a credential, for its answer to be
// checked.
func (s *Service) PasskeyOf(ctx context.Context, credential []byte) (Passkey, error) {
	if len(credential) == 0 {
		return Passkey{}, ErrNotFound
	}
	found, err := s.store.Passkeys(ctx, PasskeyFilter{Credential: credential})
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Passkey{}, err
	}
	return found[0], nil
}

// AddPasskey gives the actor a passkey that their authenticator has just made.
// The session is one by a passkey from then on.
func (s *Service) AddPasskey(ctx context.Context, actor Actor, session Session, p Passkey, name string) error {
	if err := s.RequireOwnProof(ctx, actor); err != nil {
		return err
	}
	wrong := invalid{}
	var message string
	p.Name, message = cleanRequiredName(name, "Give it a name, such as the device that it is on.")
	wrong.add("name", message)
	if err := wrong.err(); err != nil {
		return err
	}
	now := s.clock()
	p.ID, p.CreatedAt = newID(passkeyIDPrefix, now), now
	return s.alterOwnCredentials(ctx, actor, func(tx Tx, a *act) error {
		a.record(ActionPasskeyAdded, actor.UserID, map[string]string{"name": p.Name})
		known, err := tx.Passkeys(ctx, PasskeyFilter{UserID: actor.UserID})
		if err != nil {
			return err
		}
		if len(known) >= maxPasskeys {
			return invalid{"passkey": "You have 20 passkeys. Remove one first."}.err()
		}
		byPasskey := SessionUpdate{Method: MethodPasskey, Proof: MethodPasskey}
		if err := tx.UpdateSession(ctx, session.Digest, byPasskey); err != nil {
			return err
		}
		return tx.InsertPasskey(ctx, p)
	})
}

// RemovePasskey removes one of the actor's passkeys. It is an [Error] of kind
// Conflict when nothing else would sign them in, or when a workspace of theirs
// requires a second factor or a passkey and they would have none.
func (s *Service) RemovePasskey(ctx context.Context, actor Actor, id string) error {
	if err := s.RequireOwnProof(ctx, actor); err != nil {
		return err
	}
	return s.alterOwnCredentials(ctx, actor, func(tx Tx, a *act) error {
		known, err := tx.Passkeys(ctx, PasskeyFilter{UserID: actor.UserID})
		if err != nil {
			return err
		}
		i := slices.IndexFunc(known, func(p Passkey) bool { return p.ID == id })
		if i < 0 {
			return ErrNotFound
		}
		removed := SignInMethodFilter{UserID: actor.UserID, Method: MethodPasskey, PasskeyID: id}
		if err := tx.DeleteSignInMethods(ctx, removed); err != nil {
			return err
		}
		a.record(ActionPasskeyRemoved, actor.UserID, map[string]string{"name": known[i].Name})
		return keepsSignInMethods(ctx, tx, actor.UserID, MethodPasskey)
	})
}

// RemovePasskeysOf takes all passkeys from a user who has lost them, for the
// operator. It returns [ErrNotFound] when there are none.
func (s *Service) RemovePasskeysOf(ctx context.Context, email string) error {
	user, err := s.store.User(ctx, UserLookup{Email: FoldEmail(email)})
	if err != nil {
		return err
	}
	return s.alterCredentials(ctx, Operator, user.ID, func(tx Tx, a *act) error {
		a.record(ActionPasskeyRemoved, user.ID, nil)
		return tx.DeleteSignInMethods(ctx, SignInMethodFilter{UserID: user.ID, Method: MethodPasskey})
	})
}

// SignInByPasskey starts a session for the owner of a passkey whose answer
// package passkey has checked.
func (s *Service) SignInByPasskey(ctx context.Context, r SignInRequest, p Passkey) (SignedInSession, error) {
	actor := r.Actor
	m, err := s.store.Member(ctx, actor.WorkspaceID, p.UserID)
	if err != nil && KindOf(err) != NotFound {
		return SignedInSession{}, err
	}
	if !m.Active {
		if err := s.recordRefusal(ctx, actor, ActionSignInRefused, p.UserID); err != nil {
			return SignedInSession{}, err
		}
		return SignedInSession{}, &Error{Kind: Unauthenticated, Message: "This passkey opens nothing here."}
	}
	proof := signInProof{member: m, version: p.CredentialVersion, at: s.clock(), method: MethodPasskey,
		by: MethodPasskey,
		also: func(tx Tx, _ *act) error {
			return whenNotFound(tx.UsePasskey(ctx, p.ID, p.Data, s.clock()), errStaleProof)
		}}
	return s.startSession(ctx, r, proof)
}

// StepUpByPasskey starts a new session for a user who is signed in and has
// unlocked a passkey of theirs.
func (s *Service) StepUpByPasskey(ctx context.Context, r SignInRequest, p Passkey) (SignedInSession, error) {
	if p.UserID != r.Actor.UserID {
		return SignedInSession{}, &Error{Kind: Unauthenticated, Message: "This passkey is another user’s."}
	}
	p.CredentialVersion = r.Actor.CredentialVersion
	return s.SignInByPasskey(ctx, r, p)
}
