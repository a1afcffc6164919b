package workspace

import "context"

// MembersPerPage is how many members one page of the list has.
const MembersPerPage = 100

// ListedMember is a member with what the list tells of them.
type ListedMember struct {
	Member
	Keys int // that are not revoked
}

// Members returns a page of the people who are members of the workspace, those
// who came first before the others: those after the one with the id, or the
// first ones. next is the id to go on after, or "".
func (s *Service) Members(ctx context.Context, actor Actor, after string) (page []ListedMember, next string,
	err error) {
	return s.listMembers(ctx, actor, false, after)
}

func (s *Service) listMembers(ctx context.Context, actor Actor, service bool, after string) (page []ListedMember,
	next string, err error) {
	if _, err := authorize(ctx, s.store, actor, PermitSeeMembers); err != nil {
		return nil, "", err
	}
	page, err = s.store.Members(ctx, MemberFilter{WorkspaceID: actor.WorkspaceID, People: !service, Service: service,
		After: after, Limit: MembersPerPage + 1})
	if len(page) > MembersPerPage {
		page = page[:MembersPerPage]
		next = page[MembersPerPage-1].UserID
	}
	return page, next, err
}

// Member returns one member of the actor's workspace.
func (s *Service) Member(ctx context.Context, actor Actor, userID string) (Member, error) {
	if _, err := authorize(ctx, s.store, actor, PermitSeeMembers); err != nil {
		return Member{}, err
	}
	return s.store.Member(ctx, actor.WorkspaceID, userID)
}

// HasPassword reports whether a person can sign in with a password.
func (s *Service) HasPassword(ctx context.Context, userID string) (bool, error) {
	user, err := s.store.User(ctx, UserLookup{ID: userID})
	return user.PasswordHash != "", err
}

// Managers returns some members who can add keys or give the right to: whom
// to ask.
func (s *Service) Managers(ctx context.Context, workspaceID string) ([]Member, error) {
	return activePeople(ctx, s.store, workspaceID, 5, RoleOwner, RoleAdmin)
}

// activePeople returns up to limit active people who have one of the roles, the
// longest-standing members first.
func activePeople(ctx context.Context, r Reader, workspaceID string, limit int, roles ...Role) ([]Member, error) {
	listed, err := r.Members(ctx,
		MemberFilter{WorkspaceID: workspaceID, People: true, Active: true, Roles: roles, Limit: limit})
	members := make([]Member, 0, len(listed))
	for _, m := range listed {
		members = append(members, m.Member)
	}
	return members, err
}
