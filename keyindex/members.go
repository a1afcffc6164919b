package keyindex

import "github.com/keylodge/keylodge/workspace"

// Member is the owner of a key as a check sees them. A Member is never altered, only replaced.
type Member struct {
	WorkspaceID   string
	WorkspaceSlug string
	UserID        string
	Role          workspace.Role
	Active        bool
}

// members holds each member once, whatever number of keys they own.
type members struct {
	slugs   map[string]string // workspace id → slug
	numbers map[memberName]uint32
	all     []*Member
}

type memberName struct{ workspaceID, userID string }

func newMembers() members {
	return members{slugs: map[string]string{}, numbers: map[memberName]uint32{}}
}

// number returns the place of a member in all. One who is not known owns keys that are refused.
func (m *members) number(workspaceID, userID string) uint32 {
	name := memberName{workspaceID, userID}
	n, ok := m.numbers[name]
	if !ok {
		n = uint32(len(m.all))
		m.numbers[name] = n
		m.all = append(m.all, &Member{WorkspaceID: workspaceID, WorkspaceSlug: m.slugs[workspaceID], UserID: userID})
	}
	return n
}

func (m *members) set(workspaceID, userID string, role workspace.Role, active bool) {
	m.all[m.number(workspaceID, userID)] = &Member{
		WorkspaceID: workspaceID, WorkspaceSlug: m.slugs[workspaceID], UserID: userID, Role: role, Active: active,
	}
}

func (m *members) renameWorkspace(id, slug string) {
	m.slugs[id] = slug
	for n, old := range m.all {
		if old.WorkspaceID == id {
			renamed := *old
			renamed.WorkspaceSlug = slug
			m.all[n] = &renamed
		}
	}
}
