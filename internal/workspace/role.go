package workspace

import "slices"

// Role is what a member is in a workspace.
type Role string

// The roles, the most powerful first.
const (
	RoleOwner     Role = "owner"
	RoleAdmin     Role = "admin"
	RoleDeveloper Role = "developer"
	RoleAuditor   Role = "auditor"
	RoleMember    Role = "member"
)

// Roles lists every role, the most powerful first.
var Roles = []Role{RoleOwner, RoleAdmin, RoleDeveloper, RoleAuditor, RoleMember}

// Permission is one thing that an actor may be allowed to do in a workspace.
type Permission uint8

// The permissions.
const (
	PermitSeeAllKeys Permission = iota
	PermitSeeOwnKeys
	PermitAddKeys
	PermitRevokeAllKeys
	PermitRevokeOwnKeys
	PermitSeeMembers
	PermitSeeAuditLog
	PermitManageMembers
	PermitManageOwners // make a member an owner, or change one
	PermitRenameWorkspaces
	PermitManagePolicies // say how members must sign in, what keys may be, and how long the audit log is kept
	PermitDeleteWorkspaces
	PermitVerifyKeys // verify others' keys, with a key of one's own
)

// Permissions names each permission for people, in the order in which they are
// shown.
var Permissions = []struct {
	Permission Permission
	Name       string
}{
	{PermitAddKeys, "Add API keys, and edit those that they may revoke"},
	{PermitSeeOwnKeys, "See their own keys"},
	{PermitRevokeOwnKeys, "Revoke their own keys"},
	{PermitSeeAllKeys, "See everybody’s keys"},
	{PermitRevokeAllKeys, "Revoke everybody’s keys"},
	{PermitVerifyKeys, "Check others’ keys by a key of their own"},
	{PermitSeeMembers, "See the members"},
	{PermitSeeAuditLog, "See the audit log"},
	{PermitManageMembers, "Invite, change, deactivate and remove members; add service accounts and keys of theirs"},
	{PermitManageOwners, "Make somebody an owner, or change one"},
	{PermitRenameWorkspaces, "Rename the workspace, and change its address"},
	{PermitManagePolicies, "Say how members must sign in, what keys may be, and how long the audit log is kept"},
	{PermitDeleteWorkspaces, "Delete the workspace"},
}

// permissions is the one table of who may do what.
var permissions = map[Role][]Permission{
	RoleOwner: {
		PermitSeeAllKeys, PermitSeeOwnKeys, PermitAddKeys, PermitRevokeAllKeys, PermitRevokeOwnKeys,
		PermitSeeMembers, PermitSeeAuditLog, PermitManageMembers, PermitManageOwners, PermitRenameWorkspaces,
		PermitManagePolicies, PermitDeleteWorkspaces, PermitVerifyKeys,
	},
	RoleAdmin: {
		PermitSeeAllKeys, PermitSeeOwnKeys, PermitAddKeys, PermitRevokeAllKeys, PermitRevokeOwnKeys,
		PermitSeeMembers, PermitSeeAuditLog, PermitManageMembers, PermitRenameWorkspaces, PermitManagePolicies,
		PermitVerifyKeys,
	},
	RoleDeveloper: {PermitSeeOwnKeys, PermitAddKeys, PermitRevokeOwnKeys, PermitSeeMembers, PermitVerifyKeys},
	RoleAuditor:   {PermitSeeAllKeys, PermitSeeOwnKeys, PermitSeeMembers, PermitSeeAuditLog},
	RoleMember:    {PermitSeeMembers},
}

// needFreshProof are the permissions that take a step-up.
var needFreshProof = []Permission{
	PermitManageMembers, PermitRenameWorkspaces, PermitManagePolicies, PermitDeleteWorkspaces,
}

// Valid reports whether r is one of [Roles].
func (r Role) Valid() bool { return slices.Contains(Roles, r) }

// May reports whether the role has the permission.
func (r Role) May(p Permission) bool { return slices.Contains(permissions[r], p) }
