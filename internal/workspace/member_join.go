package workspace

import (
	"cmp"
	"context"
)

var (
	errNotLetIn = &Error{Kind: Forbidden, Message: "The provider knows you, but you are no member here. " +
		"If you were invited, open the link of your invitation. Otherwise ask an admin of the workspace to invite you."}
	errNoLink = &Error{Kind: Forbidden, Message: "There is an account with your address already. Sign in to it in " +
		"another way, and then link the provider under “Your account”."}
)

// joinByProvider makes a person a member. user is the account that is linked to
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
	role, err := s.roleToJoin(ctx, tx, joining{workspaceID: act.who.WorkspaceID, answer: a, email: p.email,
		user: user})
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

// joining is a person who comes to a workspace by a provider.
type joining struct {
	workspaceID string
	answer      ProviderAnswer
	email       string // clean
	user        User   // the account that is linked to the provider already, or zero
}

// roleToJoin returns the role that a person gets, and uses up their invitation.
// The error is errNotLetIn for a person who may not join: an open invitation
// that the provider can't honor stays for its link, and a removed member comes
// back by an invitation only.
func (s *Service) roleToJoin(ctx context.Context, tx ChangeTx, j joining) (Role, error) {
	a := j.answer
	if !a.EmailVerified || FoldEmail(a.Email) != j.email || !a.Provider.takes(j.email) {
		return "", errNotLetIn
	}
	i, err := tx.Invitation(ctx, InvitationLookup{WorkspaceID: j.workspaceID, Email: j.email})
	if err == nil && s.clock().Before(i.ExpiresAt) {
		if i.Role == RoleOwner && j.user.ConfirmedAt.IsZero() {
			return "", errNotLetIn
		}
		if i.Role == RoleOwner {
			if err := signsInOwnersNow(ctx, tx, a.Provider, j.workspaceID); err != nil {
				return "", err
			}
		}
		_, err = tx.DeleteInvitation(ctx, j.workspaceID, i.ID)
		return i.Role, err
	}
	if err = whenNotFound(err, nil); err != nil {
		return "", err
	}
	if _, err = tx.Removal(ctx, j.workspaceID, j.user.ID); err == nil {
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
