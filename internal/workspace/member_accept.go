package workspace

import (
	"context"

	"github.com/keylodge/keylodge/internal/secret"
)

var errInvitation = &Error{Kind: Gone,
	Message: "This invitation has been used, replaced or withdrawn, or is more than a week old. " +
		"Ask whoever invited you for a new one."}

// InvitationOf returns the invitation that a link's token is of. A dead link is
// an [Error] of kind Gone.
func (s *Service) InvitationOf(ctx context.Context, workspaceID, token string) (Invitation, error) {
	i, err := s.store.Invitation(ctx, InvitationLookup{WorkspaceID: workspaceID, Digest: secret.DigestOf(token)})
	if KindOf(err) == NotFound && err != nil { // the link in an email has a token of its own
		var t OneTimeToken
		if t, err = s.store.OneTimeToken(ctx, PurposeInvitation, secret.DigestOf(token)); err == nil {
			i, err = s.store.Invitation(ctx, InvitationLookup{WorkspaceID: workspaceID, ID: t.Data})
		}
	}
	if err == nil && !s.clock().Before(i.ExpiresAt) {
		err = errInvitation
	}
	return i, whenNotFound(err, errInvitation)
}

// Acceptance is what a person sends to accept an invitation.
type Acceptance struct {
	Token    string // of the link
	Name     string // of a new account
	Password string // of the account, or for a new one
}

// AcceptInvitation makes the holder of the link a member, uses the link up, and
// signs them in. A user who has an account proves it by its password; anyone
// else gets one with the name and the password. A refusal leaves the link as it
// was.
func (s *Service) AcceptInvitation(ctx context.Context, r SignInRequest, f Acceptance) (SignedInSession, error) {
	i, err := s.InvitationOf(ctx, r.Actor.WorkspaceID, f.Token)
	if err != nil {
		return SignedInSession{}, err
	}
	user, err := s.store.User(ctx, UserLookup{Email: i.Email})
	if err != nil && KindOf(err) != NotFound {
		return SignedInSession{}, err
	}
	p := person{email: i.Email}
	var tries []throttleSubject
	if user.ID != "" {
		right, subjects, err := s.tryPassword(ctx, r, user, Credentials{Email: i.Email, Password: f.Password})
		if err != nil {
			return SignedInSession{}, err
		}
		if !right {
			return SignedInSession{},
				invalid{"password": "You have an account here already, and this is not its password."}.err()
		}
		tries = subjects
	} else {
		wrong := invalid{}
		p = personForm{name: f.Name, email: i.Email, password: f.Password}.check(wrong)
		if err := wrong.err(); err != nil {
			return SignedInSession{}, err
		}
		if err := p.hash(ctx, s); err != nil {
			return SignedInSession{}, err
		}
	}
	m, err := s.join(ctx, r.Actor, i, user, p)
	if err != nil {
		return SignedInSession{}, err
	}
	return s.startOrAwait(ctx, r, signInProof{member: m, version: user.CredentialVersion, at: s.clock(),
		tries: tries})
}

// join makes a person a member, by an invitation that nobody else has used
// meanwhile. user is the account that they have proved to have, or zero.
func (s *Service) join(ctx context.Context, actor Actor, i Invitation, user User, p person) (m Member, err error) {
	err = s.actOnKeys(ctx, actor, noPermission, func(tx ChangeTx, a *act) error {
		if _, err := tx.DeleteInvitation(ctx, i.WorkspaceID, i.ID); err != nil {
			return whenNotFound(err, errInvitation)
		}
		present, err := tx.User(ctx, UserLookup{Email: i.Email})
		if err := whenNotFound(err, nil); err != nil {
			return err
		}
		if present.ID != user.ID {
			return &Error{Kind: Conflict,
				Message: "An account with this address was made just now. Open the link once more."}
		}
		if user.ID != "" { // whose password was right a moment ago
			if err := tx.HoldCredentials(ctx, user.ID, user.CredentialVersion); err != nil {
				return whenNotFound(err, errCredentialsChanged)
			}
		}
		if m, err = s.insertMember(ctx, tx, i.WorkspaceID, p, i.Role); err != nil {
			return err
		}
		actor.Kind, actor.UserID = ActorPerson, m.UserID
		a.as(actor)
		details := addedDetails(m)
		details["invited_by"] = i.InvitedBy
		a.record(ActionMemberAdded, m.UserID, details)
		return nil
	})
	return m, err
}
