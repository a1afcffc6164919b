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
	SeeAllKeys Permission = iota
	SeeOwnKeys
	AddKeys
	RevokeAllKeys
	RevokeOwnKeys
	SeeMembers
	SeeAuditLog
	ManageMembers
	ManageOwners // make a member an owner, or change one
	RenameWorkspaces
	ManagePolicies // say how members must sign in, what keys may be, and how long the audit log is kept
	DeleteWorkspaces
	VerifyKeys // verify others' keys, with a key of one's own
)

// Permissions names each permission for people, in the order in which they are
// shown.
var Permissions = []struct {
	Permission Permission
	Name       string
}{
	{AddKeys, "Add API keys, and edit those that they may revoke"},
	{SeeOwnKeys, "See their own keys"},
	{RevokeOwnKeys, "Revoke their own keys"},
	{SeeAllKeys, "See everybody’s keys"},
	{RevokeAllKeys, "Revoke everybody’s keys"},
	{VerifyKeys, "Check others’ keys by a key of their own"},
	{SeeMembers, "See the members"},
	{SeeAuditLog, "See the audit log"},
	{ManageMembers, "Invite, change, deactivate and remove members; add service accounts and keys of theirs"},
	{ManageOwners, "Make somebody an owner, or change one"},
	{RenameWorkspaces, "Rename the workspace, and change its address"},
	{ManagePolicies, "Say how members must sign in, what keys may be, and how long the audit log is kept"},
	{DeleteWorkspaces, "Delete the workspace"},
}

// permissions is the one table of who may do what.
var permissions = map[Role][]Permission{
	RoleOwner: {SeeAllKeys, SeeOwnKeys, AddKeys, RevokeAllKeys, RevokeOwnKeys, SeeMembers, SeeAuditLog,
		ManageMembers, ManageOwners, RenameWorkspaces, ManagePolicies, DeleteWorkspaces, VerifyKeys},
	RoleAdmin: {SeeAllKeys, SeeOwnKeys, AddKeys, RevokeAllKeys, RevokeOwnKeys, SeeMembers, SeeAuditLog,
		ManageMembers, RenameWorkspaces, ManagePolicies, VerifyKeys},
	RoleDeveloper: {SeeOwnKeys, AddKeys, RevokeOwnKeys, SeeMembers, VerifyKeys},
	RoleAuditor:   {SeeAllKeys, SeeOwnKeys, SeeMembers, SeeAuditLog},
	RoleMember:    {SeeMembers},
}

// wantFreshProof are the permissions that take a step-up.
var wantFreshProof = []Permission{ManageMembers, RenameWorkspaces, ManagePolicies, DeleteWorkspaces}

// Valid says whether r is one of [Roles].
func (r Role) Valid() bool { return slices.Contains(Roles, r) }

// May says whether the role has the permission.
func (r Role) May(p Permission) bool { return slices.Contains(permissions[r], p) }
