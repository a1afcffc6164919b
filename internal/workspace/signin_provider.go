package workspace

import (
	"context"
	"time"
)

// Identity is a person's account at a provider. Only Issuer and Subject name
// it: an email may become another person's.
type Identity struct {
	Issuer, Subject string
	UserID          string
	CreatedAt       time.Time
	UsedAt          time.Time // zero: never

	// CredentialVersion is the person's when [Reader.Identity] read this.
	CredentialVersion int64
}

// ProviderAnswer is what a provider says about a person, checked by package
// oidc.
type ProviderAnswer struct {
	Provider      Provider
	Subject       string
	Email         string
	EmailVerified bool
	Name          string
	Claims        map[string]any
	AuthTime      time.Time // when they proved to the provider who they are; zero: not told
}

// SignInByProvider starts a session for a person whom a provider has signed in.
// A new person with a verified email within the provider's domains joins by an
// open invitation or, where the provider has a role for new people, without
// one. A provider's word makes nobody an owner, unless the person's account is
// linked already and has a confirmed email. An account that exists is never
// taken over by its email.
func (s *Service) SignInByProvider(ctx context.Context, r SignInRequest, a ProviderAnswer) (SignedInSession, error) {
	actor := r.Actor
	a.Email = FoldEmail(a.Email)
	known, err := a.identity(ctx, s.store)
	if err = whenNotFound(err, nil); err != nil {
		return SignedInSession{}, err
	}
	var m Member
	err = s.actOnKeys(ctx, actor, noPermission, func(tx ChangeTx, act *act) (err error) {
		if m, err = s.memberOf(ctx, tx, act, a); err == nil && len(act.events) == 0 {
			err = ErrNothingChanged
		}
		return err
	})
	if err != nil {
		return SignedInSession{}, s.recordOwnerRefusal(ctx, actor, a.Provider, err)
	}
	proof := signInProof{member: m, version: known.CredentialVersion, at: s.provenAt(a), method: MethodProvider,
		also: func(tx Tx, _ *act) error {
			if err := mayVouchFor(ctx, tx, a.Provider, m); err != nil {
				return err
			}
			used := Identity{Issuer: a.Provider.Issuer, Subject: a.Subject}
			return whenNotFound(tx.UseIdentity(ctx, used, s.clock()), errStaleProof)
		}}
	in, err := s.startSession(ctx, r, proof)
	return in, s.recordOwnerRefusal(ctx, actor, a.Provider, err)
}

// memberOf returns whom a provider's answer is about, as an active member of
// the workspace, who may be one since now.
func (s *Service) memberOf(ctx context.Context, tx ChangeTx, act *act, a ProviderAnswer) (Member, error) {
	identity, err := a.identity(ctx, tx)
	switch {
	case KindOf(err) == NotFound:
		return s.joinByProvider(ctx, tx, act, a, User{})
	case err != nil:
		return Member{}, err
	}
	m, err := tx.Member(ctx, act.who.WorkspaceID, identity.UserID)
	if KindOf(err) == NotFound {
		user, err := tx.User(ctx, UserLookup{ID: identity.UserID})
		if err != nil {
			return Member{}, err
		}
		return s.joinByProvider(ctx, tx, act, a, user)
	}
	if err == nil && !m.Active {
		err = errNotLetIn
	}
	if err != nil {
		return m, err
	}
	return s.followClaims(ctx, tx, act, a, m)
}

// NoteProviderRefusal records the error that a provider answered with, for the
// admins to see. It names no account.
func (s *Service) NoteProviderRefusal(ctx context.Context, actor Actor, p Provider, code string) error {
	return s.act(ctx, actor, noPermission, func(_ Tx, a *act) error {
		a.record(ActionSignInRefused, p.ID, map[string]string{"name": p.Name, "error": code})
		return nil
	})
}

// ProviderRefusal returns the newest event about an error that a provider
// answered with, or a zero one.
func (s *Service) ProviderRefusal(ctx context.Context, actor Actor, providerID string) (Event, error) {
	page, _, err := s.AuditLog(ctx, actor, EventQuery{Action: ActionSignInRefused, TargetID: providerID})
	if err != nil || len(page) == 0 {
		return Event{}, err
	}
	return page[0].Event, nil
}

// StepUpByProvider starts a new session for a user who is signed in and has
// just proved to a linked provider who they are.
func (s *Service) StepUpByProvider(ctx context.Context, r SignInRequest, a ProviderAnswer) (SignedInSession, error) {
	actor := r.Actor
	identity, err := a.identity(ctx, s.store)
	if err = whenNotFound(err, nil); err != nil {
		return SignedInSession{}, err
	}
	if identity.UserID != actor.UserID {
		return SignedInSession{}, &Error{Kind: Forbidden,
			Message: "The provider has signed in somebody else than you. Choose your own account there."}
	}
	at := s.provenAt(a)
	if at.IsZero() {
		return SignedInSession{}, ErrProofUntold
	}
	if !s.isFresh(at) {
		return SignedInSession{}, errProofOld
	}
	proof := signInProof{member: r.Member, version: actor.CredentialVersion, at: at, by: MethodProvider,
		also: func(tx Tx, _ *act) error { return mayVouchFor(ctx, tx, a.Provider, r.Member) }}
	in, err := s.startSession(ctx, r, proof)
	return in, s.recordOwnerRefusal(ctx, actor, a.Provider, err)
}

var (
	// ErrProofUntold is the answer to a step-up by a provider that does not say
	// when the person proved who they are.
	ErrProofUntold = &Error{Kind: Forbidden, Message: "The provider does not say when you last proved to it who you " +
		"are, so this proves nothing new."}
	errProofOld = &Error{Kind: Forbidden, Message: "The provider did not ask you who you are just now, so this " +
		"proves nothing new. Sign out there, then try again."}
)

// provenAt returns when a provider says that the person proved who they are,
// but no time to come; zero: it doesn't say.
func (s *Service) provenAt(a ProviderAnswer) time.Time {
	now := s.clock()
	if a.AuthTime.After(now) {
		return now
	}
	return a.AuthTime
}

// LinkIdentity lets a provider sign the actor in from now on.
func (s *Service) LinkIdentity(ctx context.Context, actor Actor, a ProviderAnswer) error {
	if err := s.RequireOwnProof(ctx, actor); err != nil {
		return err
	}
	err := s.alterOwnCredentials(ctx, actor, func(tx Tx, act *act) error {
		m := Member{WorkspaceID: actor.WorkspaceID, UserID: actor.UserID}
		if err := mayVouchFor(ctx, tx, a.Provider, m); err != nil {
			return err
		}
		act.record(ActionIdentityLinked, actor.UserID, map[string]string{"issuer": a.Provider.Issuer,
			"name": a.Provider.Name})
		return tx.InsertIdentity(ctx, Identity{Issuer: a.Provider.Issuer, Subject: a.Subject, UserID: actor.UserID,
			CreatedAt: s.clock()})
	})
	return s.recordOwnerRefusal(ctx, actor, a.Provider, err)
}

// UnlinkIdentities removes the actor's identities at an issuer, unless nothing
// else would sign them in.
func (s *Service) UnlinkIdentities(ctx context.Context, actor Actor, issuer string) error {
	if err := s.RequireOwnProof(ctx, actor); err != nil {
		return err
	}
	return s.alterOwnCredentials(ctx, actor, func(tx Tx, a *act) error {
		a.record(ActionIdentityUnlinked, actor.UserID, map[string]string{"issuer": issuer})
		unlinked := SignInMethodFilter{UserID: actor.UserID, Method: MethodProvider, Issuer: issuer}
		if err := tx.DeleteSignInMethods(ctx, unlinked); err != nil {
			return err
		}
		return keepsSignInMethods(ctx, tx, actor.UserID, MethodProvider)
	})
}

// identity returns the identity that an answer proves, and [ErrNotFound] when
// it is not linked to a user.
func (a ProviderAnswer) identity(ctx context.Context, r Reader) (Identity, error) {
	found, err := r.Identities(ctx, IdentityFilter{Issuer: a.Provider.Issuer, Subject: a.Subject})
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Identity{}, err
	}
	return found[0], nil
}
