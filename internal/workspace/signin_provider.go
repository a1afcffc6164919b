package workspace

import (
	"cmp"
	"context"
	"errors"
	"time"
)

// Identity is who a person is at a provider. Issuer and Subject alone say so:
// an address may become somebody else's.
type Identity struct {
	Issuer, Subject string
	UserID          string
	CreatedAt       time.Time
	UsedAt          time.Time // zero: never

	// CredentialVersion is the person's when [Reader.Identity] read this.
	CredentialVersion int64
}

// ProviderAnswer is what a provider has said of somebody, and package oidc has
// checked.
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
func (s *Service) SignInByProvider(ctx context.Context, actor Actor, a ProviderAnswer, deviceToken string) (SignedInSession, error) {
	a.Email = FoldEmail(a.Email)
	known, err := s.store.Identity(ctx, a.Provider.Issuer, a.Subject)
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
	actor.Method = MethodProvider
	proof := signInProof{member: m, version: known.CredentialVersion, at: s.provenAt(a),
		also: func(tx Tx, _ *act) error {
			if err := mayVouchFor(ctx, tx, a.Provider, m); err != nil {
				return err
			}
			used := Identity{Issuer: a.Provider.Issuer, Subject: a.Subject}
			return whenNotFound(tx.UseIdentity(ctx, used, s.clock()), errStaleProof)
		}}
	in, err := s.startSession(ctx, actor, proof, deviceToken)
	return in, s.recordOwnerRefusal(ctx, actor, a.Provider, err)
}

// memberOf returns whom a provider's answer is about, as an active member of
// the workspace, who may be one since now.
func (s *Service) memberOf(ctx context.Context, tx ChangeTx, act *act, a ProviderAnswer) (Member, error) {
	identity, err := tx.Identity(ctx, a.Provider.Issuer, a.Subject)
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

var (
	errNotLetIn = &Error{Kind: Forbidden, Message: "The provider knows you, but you are no member here. " +
		"If you were invited, open the link of your invitation. Otherwise ask an admin of the workspace to invite you."}
	errNoLink = &Error{Kind: Forbidden, Message: "There is an account with your address already. Sign in to it in " +
		"another way, and then link the provider under “Your account”."}
)

// joinByProvider makes somebody a member. user is the account that is linked to
// them already, or zero.
func (s *Service) joinByProvider(ctx context.Context, tx ChangeTx, act *act, a ProviderAnswer, user User) (Member,
	error) {
	p := person{name: a.Name, email: user.Email}
	if user.ID == "" {
		clean, message := cleanEmail(a.Email)
		if !a.EmailVerified || message != "" {
			return Member{}, errNotLetIn
		}
		if _, err := tx.User(ctx, UserLookup{Email: clean}); KindOf(err) != NotFound {
			if err == nil {
				err = errNoLink
			}
			return Member{}, err
		}
		if name, message := cleanName(a.Name); message == "" {
			p = person{name: name, email: clean}
		} else {
			p = person{email: clean}
		}
	}
	role, err := s.roleToJoin(ctx, tx, act.who.WorkspaceID, a, p.email, user)
	if err != nil {
		return Member{}, err
	}
	m, err := s.insertMember(ctx, tx, act.who.WorkspaceID, p, role)
	if err != nil {
		return m, err
	}
	actor := act.who.Actor
	actor.Kind, actor.UserID = ActorPerson, m.UserID
	act.as(actor)
	details := addedDetails(m)
	details["provider"] = a.Provider.ID
	act.record(ActionMemberAdded, m.UserID, details)
	if user.ID == "" {
		i := Identity{Issuer: a.Provider.Issuer, Subject: a.Subject, UserID: m.UserID, CreatedAt: s.clock()}
		if err := tx.InsertIdentity(ctx, i); err != nil {
			return m, err
		}
	}
	return m, nil
}

// roleToJoin returns the role that a person with an email gets, and uses up
// their invitation. user is the account that is linked to the provider already,
// or zero. The error is errNotLetIn for a person who may not join: an open
// invitation that the provider can't honor stays for its link, and a removed
// member comes back by an invitation only.
func (s *Service) roleToJoin(ctx context.Context, tx ChangeTx, workspaceID string, a ProviderAnswer, email string,
	user User) (Role, error) {
	if !a.EmailVerified || FoldEmail(a.Email) != email || !a.Provider.takes(email) {
		return "", errNotLetIn
	}
	i, err := tx.Invitation(ctx, InvitationLookup{WorkspaceID: workspaceID, Email: email})
	if err == nil && s.clock().Before(i.ExpiresAt) {
		if i.Role == RoleOwner && user.ConfirmedAt.IsZero() {
			return "", errNotLetIn
		}
		if i.Role == RoleOwner {
			if err := signsInOwnersNow(ctx, tx, a.Provider, workspaceID); err != nil {
				return "", err
			}
		}
		_, err = tx.DeleteInvitation(ctx, workspaceID, i.ID)
		return i.Role, err
	}
	if err = whenNotFound(err, nil); err != nil {
		return "", err
	}
	if _, err = tx.Removal(ctx, workspaceID, user.ID); err == nil {
		return "", errNotLetIn
	}
	if err = whenNotFound(err, nil); err != nil {
		return "", err
	}
	role := cmp.Or(a.Provider.roleOf(a.Claims), a.Provider.NewRole)
	if role == "" {
		return "", errNotLetIn
	}
	return role, nil
}

// followClaims gives a member the role that the provider's role claim says.
// When no value of the claim is mapped, that is the role for new people or,
// without one, the least there is: nobody keeps a role that the provider has
// taken away. Owners are made and unmade here only.
func (s *Service) followClaims(ctx context.Context, tx ChangeTx, act *act, a ProviderAnswer, m Member) (Member,
	error) {
	role := cmp.Or(a.Provider.roleOf(a.Claims), a.Provider.NewRole, RoleMember)
	if a.Provider.RoleClaim == "" || role == m.Role || m.Role == RoleOwner {
		return m, nil
	}
	act.record(ActionMemberChanged, m.UserID,
		map[string]string{"role": string(role), "role_before": string(m.Role), "provider": a.Provider.ID})
	m.Role = role
	return m, tx.UpdateMember(ctx, m)
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

// ProveByProvider starts a new session for who is signed in and has just now
// proved to a linked provider who they are.
func (s *Service) ProveByProvider(ctx context.Context, actor Actor, m Member, a ProviderAnswer, deviceToken string) (SignedInSession, error) {
	identity, err := s.store.Identity(ctx, a.Provider.Issuer, a.Subject)
	if err = whenNotFound(err, nil); err != nil {
		return SignedInSession{}, err
	}
	if identity.UserID != actor.UserID {
		return SignedInSession{}, &Error{Kind: Forbidden, Message: "The provider has signed in somebody else than you. Choose your own account there."}
	}
	at := s.provenAt(a)
	if at.IsZero() {
		return SignedInSession{}, ErrProofUntold
	}
	if !s.isFresh(at) {
		return SignedInSession{}, errProofOld
	}
	actor.Proof = MethodProvider
	proof := signInProof{member: m, version: actor.CredentialVersion, at: at,
		also: func(tx Tx, _ *act) error { return mayVouchFor(ctx, tx, a.Provider, m) }}
	in, err := s.startSession(ctx, actor, proof, deviceToken)
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
	if err := s.OwnProof(ctx, actor); err != nil {
		return err
	}
	err := s.alterOwnCredentials(ctx, actor, func(tx Tx, act *act) error {
		m := Member{WorkspaceID: actor.WorkspaceID, UserID: actor.UserID}
		if err := mayVouchFor(ctx, tx, a.Provider, m); err != nil {
			return err
		}
		act.record(ActionIdentityLinked, actor.UserID, map[string]string{"issuer": a.Provider.Issuer, "name": a.Provider.Name})
		return tx.InsertIdentity(ctx, Identity{Issuer: a.Provider.Issuer, Subject: a.Subject, UserID: actor.UserID,
			CreatedAt: s.clock()})
	})
	return s.recordOwnerRefusal(ctx, actor, a.Provider, err)
}

// UnlinkIdentities lets an issuer sign the actor in no more, unless nothing
// else would.
func (s *Service) UnlinkIdentities(ctx context.Context, actor Actor, issuer string) error {
	if err := s.OwnProof(ctx, actor); err != nil {
		return err
	}
	return s.alterOwnCredentials(ctx, actor, func(tx Tx, a *act) error {
		a.record(ActionIdentityUnlinked, actor.UserID, map[string]string{"issuer": issuer})
		if err := tx.DeleteIdentities(ctx, actor.UserID, issuer); err != nil {
			return err
		}
		return keepsSignInMethods(ctx, tx, actor.UserID, MethodProvider)
	})
}

// ProviderRefusedOwner is the error in the audit log when a provider that no
// owner has saved was to sign in an owner.
const ProviderRefusedOwner = "not_saved_by_owner"

// errNotForOwners refuses an owner whom a provider vouches for that no owner
// has saved.
var errNotForOwners = &Error{Kind: Forbidden, Message: "This provider can’t sign in owners until an owner of the " +
	"workspace has saved it. Sign in another way, then save it under “Single sign-on”."}

// mayVouchFor returns errNotForOwners when a member is an owner, by now, whom
// the provider must not sign in. p is the provider as it was when it was asked.
func mayVouchFor(ctx context.Context, r Reader, p Provider, m Member) error {
	present, err := r.Member(ctx, m.WorkspaceID, m.UserID)
	if err != nil || present.Role != RoleOwner {
		return whenNotFound(err, nil)
	}
	return signsInOwnersNow(ctx, r, p, m.WorkspaceID)
}

// signsInOwnersNow returns errNotForOwners unless the provider that was asked
// is still as an owner has saved it.
func signsInOwnersNow(ctx context.Context, r Reader, asked Provider, workspaceID string) error {
	present, err := provider(ctx, r, workspaceID, asked.ID)
	if err == nil && (!present.SignsInOwners || !present.sameClient(asked)) {
		err = errNotForOwners
	}
	return whenNotFound(err, errNotForOwners)
}

// recordOwnerRefusal records, for the admins to see, that err is
// errNotForOwners, and returns err.
func (s *Service) recordOwnerRefusal(ctx context.Context, actor Actor, p Provider, err error) error {
	if !errors.Is(err, errNotForOwners) {
		return err
	}
	if failed := s.NoteProviderRefusal(ctx, actor, p, ProviderRefusedOwner); failed != nil {
		return failed
	}
	return err
}
