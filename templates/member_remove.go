package templates

import "github.com/keylodge/keylodge/internal/workspace"

// MemberRemoveView asks to confirm the removal of a member.
type MemberRemoveView struct {
	Layout
	Member    workspace.Member
	InUse     workspace.KeysInUse
	NewOwners []workspace.ListedMember // service accounts that may be given the keys
	Keys      string                   // "revoke" or "hand-over", as was chosen
	NewOwner  string                   // as chosen
	Errors    workspace.Fields
}

// owned says how many keys the member has.
func (v MemberRemoveView) owned() string {
	return plural(v.InUse.Total, "key") + " of " + v.Member.DisplayName()
}

// keyChoices are the choices of what to do with the keys.
func (v MemberRemoveView) keyChoices() []option {
	revoke := option{"revoke", "Revoke them"}
	if len(v.NewOwners) == 0 {
		return []option{revoke}
	}
	return []option{revoke, {"hand-over", "Hand them over"}}
}
