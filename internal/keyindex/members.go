package keyindex

import "github.com/keylodge/keylodge/internal/workspace"

// Member is the owner of a key as a verification sees them. Keys of a removed
// member that are still to be transferred have the new owner. A Member is never
// altered, only replaced.
type Member struct {
	Workspace *workspace.WorkspaceFact // never altered, only replaced
	UserID    string
	Role      workspace.Role
	Active    bool
}

// members holds each member once, however many keys they own.
type members struct {
	workspaces map[string]*workspace.WorkspaceFact // by id
	numbers    map[memberName]uint32
	all        []*Member
}

type memberName struct{ workspaceID, userID string }

func newMembers() members {
	return members{workspaces: map[string]*workspace.WorkspaceFact{}, numbers: map[memberName]uint32{}}
}

// number returns the place of a member in all. The keys of an unknown member
// are refused.
func (m *members) number(workspaceID, userID string) uint32 {
	name := memberName{workspaceID, userID}
	n, ok := m.numbers[name]
	if !ok {
		n = uint32(len(m.all))
		m.numbers[name] = n
		m.all = append(m.all, &Member{Workspace: m.workspace(workspaceID), UserID: userID})
	}
	return n
}

func (m *members) set(f workspace.MemberFact) {
	m.all[m.number(f.WorkspaceID, f.UserID)] = &Member{
		Workspace: m.workspace(f.WorkspaceID), UserID: f.ActsAs, Role: f.Role, Active: f.Active,
	}
}

// workspace returns a workspace. The keys of an unknown one are refused.
func (m *members) workspace(id string) *workspace.WorkspaceFact {
	if w, ok := m.workspaces[id]; ok {
		return w
	}
	return &workspace.WorkspaceFact{ID: id, Disabled: true}
}

// movedMember is a member after a change of its workspace.
type movedMember struct {
	number uint32
	member *Member
}

// of returns the members of workspaces as they are after a change of these. It
// alters nothing.
func (m *members) of(workspaces []*workspace.WorkspaceFact) (moved []movedMember) {
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

// setWorkspaces sets what is known of workspaces, and their members to what of
// has returned for them.
func (m *members) setWorkspaces(workspaces []*workspace.WorkspaceFact, moved []movedMember) {
	for _, w := range workspaces {
		m.workspaces[w.ID] = w
	}
	for _, one := range moved {
		m.all[one.number] = one.member
	}
}
