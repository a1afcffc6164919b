package workspace

import (
	"context"
	"strconv"
)

// ChangeMember alters the role of a member of the actor's workspace, whether
// they are active, or a service account's name, and returns them as they then
// are. Their keys follow at the next check. A workspace always keeps an active
// owner, and only an owner makes or changes one.
func (s *Service) ChangeMember(ctx context.Context, actor Actor, userID string, alter func(*Member)) (m Member,
	err error) {
	err = s.actOnKeys(ctx, actor, PermitManageMembers, func(tx ChangeTx, a *act) error {
		before, err := tx.Member(ctx, actor.WorkspaceID, userID)
		if err != nil {
			return err
		}
		m = before
		alter(&m)
		wrong := invalid{}
		wrong.add("role", checkRole(m.Role))
		if err := wrong.err(); err != nil {
			return err
		}
		if m.Service {
			if err := m.checkServiceAccount(); err != nil {
				return err
			}
			if err := nameIsFree(ctx, tx, m); err != nil {
				return err
			}
		}
		if m == before {
			return ErrNothingChanged
		}
		for _, role := range []Role{before.Role, m.Role} {
			if err := a.who.checkMayGive(role); err != nil {
				return err
			}
		}
		if m.Role == RoleOwner && before.Role != RoleOwner {
			if err := makeOwner(ctx, tx, actor, m); err != nil {
				return err
			}
		}
		if leads(before) && !leads(m) {
			if err := keepsAnOwner(ctx, tx, m.WorkspaceID); err != nil {
				return err
			}
		}
		a.record(ActionMemberChanged, m.UserID, map[string]string{
			"role": string(m.Role), "active": strconv.FormatBool(m.Active),
			"role_before": string(before.Role), "active_before": strconv.FormatBool(before.Active),
		})
		if !m.Active { // so that a session from before does not come back with the person
			if err := tx.DeleteSessions(ctx, SessionFilter{WorkspaceID: m.WorkspaceID, UserID: m.UserID}); err != nil {
				return err
			}
		}
		if m.Service && m.Name != before.Name {
			keys := KeySorting{WorkspaceID: m.WorkspaceID, OwnerID: m.UserID, Before: before.Name}
			if err := s.startSorting(ctx, tx, actor, keys); err != nil {
				return err
			}
		}
		return tx.UpdateMember(ctx, m)
	})
	return m, err
}

// makeOwner prepares a member's account for the role. Sessions that a provider
// began, or stepped up, end: it may be one that signs in no owners. Raising the
// credential version ends those that it is about to begin.
func makeOwner(ctx context.Context, tx Tx, actor Actor, m Member) error {
	if actor.Kind == ActorPerson {
		if err := notMadeByAProvider(ctx, tx, m.UserID); err != nil {
			return err
		}
	}
	if err := tx.UpdateUser(ctx, m.UserID, UserUpdate{RaiseCredentials: true}); err != nil {
		return err
	}
	all, err := tx.Sessions(ctx, m.WorkspaceID, m.UserID)
	for _, session := range all {
		if err == nil && (session.Method == MethodProvider || session.Proof == MethodProvider) {
			err = tx.DeleteSessions(ctx, SessionFilter{Digest: session.Digest})
		}
	}
	return err
}

// notMadeByAProvider returns an [Error] of kind Invalid for an account that a
// provider made and whose email nobody has confirmed: whoever runs the provider
// signs in as that person, and must not become an owner by it.
func notMadeByAProvider(ctx context.Context, r Reader, userID string) error {
	user, err := r.User(ctx, UserLookup{ID: userID})
	if err != nil || !user.ConfirmedAt.IsZero() {
		return err
	}
	identities, err := r.Identities(ctx, IdentityFilter{UserID: userID})
	if err != nil || len(identities) == 0 {
		return err
	}
	return invalid{"role": "A provider made this account, and nobody has confirmed its email. " +
		"Ask them to set a password by “Forgot your password?” first."}.err()
}

// ChangeMemberByEmail is ChangeMember for the member with an email.
func (s *Service) ChangeMemberByEmail(ctx context.Context, actor Actor, email string, alter func(*Member)) (Member,
	error) {
	user, err := s.store.User(ctx, UserLookup{Email: FoldEmail(email)})
	if err != nil {
		return Member{}, err
	}
	return s.ChangeMember(ctx, actor, user.ID, alter)
}

// leads reports whether a workspace can rely on this member to be its owner.
func leads(m Member) bool { return m.Role == RoleOwner && m.Active }

func keepsAnOwner(ctx context.Context, r Reader, workspaceID string) error {
	owners, err := activePeople(ctx, r, workspaceID, 2, RoleOwner)
	if err == nil && len(owners) < 2 {
		return &Error{Kind: Conflict, Message: "A workspace always has an owner. Make somebody else an owner first."}
	}
	return err
}
