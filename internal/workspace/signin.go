package workspace

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// SignInRequest is by whom, and from which browser, a session is asked for.
type SignInRequest struct {
	Actor       Actor  // a visitor or, for a step-up, the user who is signed in
	Member      Member // for a step-up: the user's
	DeviceToken string // that an earlier sign-in gave to this browser; empty: none
}

// SignedInSession is what a sign-in gives: tokens for the browser to keep, and
// who it is.
type SignedInSession struct {
	Token       string // of the session
	Await       string // instead of all else: the token by which FinishSignIn goes on
	DeviceToken string // proves later that the person has signed in from this browser before
	Member      Member
}

// signInProof is what a session rests on.
type signInProof struct {
	member  Member
	version int64 // of the person's credentials, as it was before they were verified
	// when the person proved who they are; zero: the session is not fresh, see
	// [Service.RequireFreshProof]
	at     time.Time
	method Method               // how the session is begun; empty: as that of the actor, or by password
	by     Method               // how they proved who they are; empty: by method
	tries  []throttleSubject    // that were counted as wrong, and are to be taken back
	also   func(Tx, *act) error // uses up what works once; nil: there is nothing
}

// SignIn starts a session for a user who knows the password of an active member
// or, when they have an authenticator app, returns the token by which
// [Service.FinishSignIn] goes on. Every failure is the same [Error] of kind
// Unauthenticated, and takes as long, whether or not there is such an account.
func (s *Service) SignIn(ctx context.Context, r SignInRequest, c Credentials) (SignedInSession, error) {
	proof, err := s.provePassword(ctx, r, c)
	if err != nil {
		return SignedInSession{}, err
	}
	return s.startOrAwait(ctx, r, proof)
}

// startOrAwait starts the session of a user who knows the password, unless a
// code is wanted first.
func (s *Service) startOrAwait(ctx context.Context, r SignInRequest, proof signInProof) (SignedInSession, error) {
	if token, err := s.awaitCode(ctx, r.Actor, proof); err != nil || token != "" {
		return SignedInSession{Await: token}, err
	}
	return s.startSession(ctx, r, proof)
}

// StepUpByPassword starts a new session for a user who is signed in and enters
// their password again.
func (s *Service) StepUpByPassword(ctx context.Context, r SignInRequest, password string) (SignedInSession, error) {
	proof, err := s.provePassword(ctx, r, Credentials{Email: r.Member.Email, Password: password})
	if err != nil {
		return SignedInSession{}, err
	}
	proof.by, proof.version = MethodPassword, r.Actor.CredentialVersion
	return s.startSession(ctx, r, proof)
}

// StartSession signs in a user who has just set Keylodge up.
func (s *Service) StartSession(ctx context.Context, actor Actor, m Member) (SignedInSession, error) {
	user, err := s.store.User(ctx, UserLookup{ID: m.UserID})
	if err != nil {
		return SignedInSession{}, err
	}
	proof := signInProof{member: m, version: user.CredentialVersion, at: s.clock()}
	return s.startSession(ctx, SignInRequest{Actor: actor}, proof)
}

// errStaleProof undoes the start of a session whose proof was overtaken by a
// change of how the person signs in.
var errStaleProof = errors.New("workspace: how the person signs in was changed")

// startSession signs a person in, unless how they sign in has changed since
// they proved who they are: that is refused as a wrong password is.
func (s *Service) startSession(ctx context.Context, r SignInRequest, proof signInProof) (in SignedInSession,
	err error) {
	proof.method = cmp.Or(proof.method, r.Actor.Method, MethodPassword)
	proof.by = cmp.Or(proof.by, r.Actor.Proof, proof.method)
	err = s.act(ctx, r.Actor, noPermission, func(tx Tx, a *act) error {
		if err := tx.HoldCredentials(ctx, proof.member.UserID, proof.version); err != nil {
			return whenNotFound(err, errStaleProof)
		}
		in, err = s.insertSession(ctx, tx, a, proof, r.DeviceToken)
		return err
	})
	if errors.Is(err, errStaleProof) {
		err = s.refuseStale(ctx, r.Actor, proof)
	}
	if err != nil {
		return SignedInSession{}, err
	}
	return in, nil
}

// refuseStale says of a password that was overtaken what it says of a wrong
// one, so that nobody learns that it was right.
func (s *Service) refuseStale(ctx context.Context, actor Actor, proof signInProof) error {
	err := s.refuseSignIn(ctx, actor, proof.member.UserID)
	if KindOf(err) == Unauthenticated && (proof.method == MethodPasskey || proof.method == MethodProvider) {
		err = &Error{Kind: Unauthenticated, Message: "How you sign in was changed at the same moment. Try again."}
	}
	return err
}

// insertSession is startSession in a transaction that holds the person's
// credentials.
func (s *Service) insertSession(ctx context.Context, tx Tx, a *act, proof signInProof,
	deviceToken string) (SignedInSession, error) {
	m, now := proof.member, s.clock()
	in := SignedInSession{Token: secret.NewToken(), DeviceToken: deviceToken, Member: m}
	actor := a.who.Actor
	actor.Kind, actor.UserID = ActorPerson, m.UserID
	a.as(actor)
	if err := forgiveAll(ctx, tx, proof.tries); err != nil {
		return in, err
	}
	if proof.also != nil {
		if err := proof.also(tx, a); err != nil {
			return in, err
		}
	}
	known, err := s.knownDevice(ctx, tx, m.UserID, deviceToken)
	if err != nil {
		return in, err
	}
	if !known {
		in.DeviceToken = secret.NewToken()
		device := KnownDevice{UserID: m.UserID, Digest: secret.DigestOf(in.DeviceToken), CreatedAt: now}
		if err := tx.InsertKnownDevice(ctx, device, maxKnownDevices); err != nil {
			return in, err
		}
	}
	if err := endOldSessions(ctx, tx, m); err != nil {
		return in, err
	}
	err = tx.InsertSession(ctx, Session{
		Digest: secret.DigestOf(in.Token), WorkspaceID: m.WorkspaceID, UserID: m.UserID,
		CreatedAt: now, SeenAt: now, ProvenAt: proof.at, Method: proof.method, Proof: proof.by,
		IP: actor.IP, UserAgent: actor.UserAgent,
	})
	if err != nil {
		return in, err
	}
	a.record(ActionSignedIn, m.UserID, map[string]string{"method": string(proof.method)})
	return in, err
}
