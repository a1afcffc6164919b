package keyindex

import "github.com/keylodge/keylodge/internal/workspace"

// Member is the owner of a key as a verification sees them. Keys of a removed
// member that are being transferred already have the new owner. A Member is
// never altered, only replaced.
type Member struct {
	Workspace *workspace.WorkspaceFact // never altered, only replaced
	UserID    string
	Role      workspace.Role
	Active    bool
}

// members holds each member once, however many keys they own.
type members struct {
	workspaces map[string]*workspace.WorkspaceFact // by id
	places     map[memberKey]uint32                // in all
	all        []*Member
}

type memberKey struct{ workspaceID, userID string }

func newMembers() members {
	return members{workspaces: map[string]*workspace.WorkspaceFact{}, places: map[memberKey]uint32{}}
}

// placeOf returns the place of a member in all, and adds one that is unknown,
// whose keys are refused.
func (m *members) placeOf(workspaceID, userID string) uint32 {
	key := memberKey{workspaceID, userID}
	n, ok := m.places[key]
	if !ok {
		n = uint32(len(m.all))
		m.places[key] = n
		m.all = append(m.all, &Member{Workspace: m.workspace(workspaceID), UserID: userID})
	}
	return n
}

func (m *members) set(f workspace.MemberFact) {
	m.all[m.placeOf(f.WorkspaceID, f.UserID)] = &Member{
		Workspace: m.workspace(f.WorkspaceID), UserID: f.ActsAs, Role: f.Role, Active: f.Active,
	}
}

// workspace returns a workspace. An unknown one is disabled: its keys are
// refused.
func (m *members) workspace(id string) *workspace.WorkspaceFact {
	if w, ok := m.workspaces[id]; ok {
		return w
	}
	return &workspace.WorkspaceFact{ID: id, Disabled: true}
}

// movedMember is a member after a change of its workspace.
type movedMember struct {
	place  uint32
	member *Member
}

// movedTo returns the members of changed workspaces as they are after the
// change. It alters nothing.
func (m *members) movedTo(workspaces []*workspace.WorkspaceFact) (moved []movedMember) {
	if len(workspaces) == 0 {
		return nil
	}
	changed := map[string]*workspace.WorkspaceFact{}
	for _, w := range workspaces {
		changed[w.ID] = w
	}
	for n, old := range m.all {
		if w := changed[old.Workspace.ID]; w != nil {
			member := *old
			member.Workspace = w
			moved = append(moved, movedMember{uint32(n), &member})
		}
	}
	return moved
}

// setWorkspaces sets what is known of workspaces, and their members to what
// movedTo has returned for them.
func (m *members) setWorkspaces(workspaces []*workspace.WorkspaceFact, moved []movedMember) {
	for _, w := range workspaces {
		m.workspaces[w.ID] = w
	}
	for _, one := range moved {
		m.all[one.place] = one.member
	}
}
