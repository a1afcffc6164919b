package workspace

import (
	"context"
	"slices"
	"strings"
)

// ServiceAccounts returns a page of the workspace's service accounts, as
// [Service.Members] does of its people.
func (s *Service) ServiceAccounts(ctx context.Context, actor Actor, after string) (page []ListedMember, next string,
	err error) {
	return s.listMembers(ctx, actor, true, after)
}

// AddServiceAccount adds an owner of keys that is not a person, with a role of
// its own.
func (s *Service) AddServiceAccount(ctx context.Context, actor Actor, name string, role Role) (Member, error) {
	now := s.clock()
	m := Member{
		WorkspaceID: actor.WorkspaceID, UserID: newID(serviceIDPrefix, now), Service: true, Role: role, Active: true,
		CreatedAt: now, Name: name,
	}
	return m, s.actOnKeys(ctx, actor, PermitManageMembers, func(tx ChangeTx, a *act) error {
		if err := m.checkServiceAccount(); err != nil {
			return err
		}
		if err := nameIsFree(ctx, tx, m); err != nil {
			return err
		}
		a.record(ActionServiceAccountAdded, m.UserID, map[string]string{"name": m.Name, "role": string(role)})
		if err := tx.InsertUser(ctx, User{ID: m.UserID, Service: true, Name: m.Name, CreatedAt: now}); err != nil {
			return err
		}
		return tx.InsertMember(ctx, m)
	})
}

// checkServiceAccount cleans the name.
func (m *Member) checkServiceAccount() error {
	wrong := invalid{}
	var message string
	m.Name, message = cleanRequiredName(m.Name, "Give the service account a name.")
	wrong.add("name", message)
	wrong.add("role", checkRole(m.Role))
	if m.Role == RoleOwner {
		wrong.add("role", "A service account can’t be an owner.")
	}
	return wrong.err()
}

// maxServiceAccounts is how many a workspace may have.
const maxServiceAccounts = 1000

// nameIsFree refuses the name of another service account: people choose them by
// their names.
func nameIsFree(ctx context.Context, r Reader, m Member) error {
	all, err := r.Members(ctx, MemberFilter{WorkspaceID: m.WorkspaceID, Service: true, Limit: maxServiceAccounts + 1})
	if err != nil {
		return err
	}
	if len(all) >= maxServiceAccounts {
		return invalid{"name": "There are 1,000 service accounts. Remove one first."}.err()
	}
	if slices.ContainsFunc(all, func(other ListedMember) bool {
		return other.UserID != m.UserID && strings.EqualFold(other.Name, m.Name)
	}) {
		return invalid{"name": "Another service account has this name."}.err()
	}
	return nil
}

// activeServiceAccount returns the service account that a key may be given to.
func activeServiceAccount(ctx context.Context, r Reader, workspaceID, id, field string) (Member, error) {
	m, err := r.Member(ctx, workspaceID, id)
	if err = whenNotFound(err, nil); err == nil && (!m.Service || !m.Active) {
		err = invalid{field: "Choose an active service account of this workspace."}.err()
	}
	return m, err
}
