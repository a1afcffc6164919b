package workspace

import (
	"context"
	"slices"
	"strconv"
)

// maxOthers is how many other workspaces a person is shown.
const maxOthers = 20

// OtherWorkspaces returns the other workspaces of a member's user.
func (s *Service) OtherWorkspaces(ctx context.Context, m Member) ([]Workspace, error) {
	all, err := s.store.Workspaces(ctx, WorkspaceFilter{MemberID: m.UserID, Limit: maxOthers + 1})
	return slices.DeleteFunc(all, func(w Workspace) bool { return w.ID == m.WorkspaceID }), err
}

// RenameWorkspace gives the actor's workspace another name.
func (s *Service) RenameWorkspace(ctx context.Context, actor Actor, name string) error {
	wrong := invalid{}
	name, message := cleanRequiredName(name, "Give the workspace a name.")
	wrong.add("name", message)
	if err := wrong.err(); err != nil {
		return err
	}
	return s.act(ctx, actor, PermitRenameWorkspaces, func(tx Tx, a *act) error {
		a.record(ActionWorkspaceRenamed, actor.WorkspaceID, map[string]string{"name": name})
		return tx.UpdateWorkspace(ctx, actor.WorkspaceID, WorkspaceUpdate{Name: name})
	})
}

// DeleteWorkspace deletes the actor's workspace for good, once its slug has
// been typed. No verification that begins after it returns accepts one of its
// keys.
func (s *Service) DeleteWorkspace(ctx context.Context, actor Actor, w Workspace, typed string) error {
	if typed != w.Slug {
		return invalid{"slug": "Type " + w.Slug + " to delete it."}.err()
	}
	return s.actOnKeys(ctx, actor, PermitDeleteWorkspaces, func(tx ChangeTx, a *act) error {
		counts, err := tx.KeyCounts(ctx, KeyQuery{WorkspaceID: actor.WorkspaceID, Now: s.clock()})
		if err != nil {
			return err
		}
		a.record(ActionWorkspaceDeleted, actor.WorkspaceID,
			map[string]string{"slug": w.Slug, "name": w.Name, "keys": strconv.Itoa(counts[KeyActive])})
		return tx.DeleteWorkspace(ctx, actor.WorkspaceID, s.clock())
	})
}
