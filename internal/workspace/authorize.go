package workspace

import (
	"context"
	"slices"
)

// authority is an actor together with what the database says, at this moment,
// that they may do.
type authority struct {
	Actor
	member Member
}

// authorize is the one place that decides whether an actor may act in a
// workspace at all. r is the transaction of the act, so that a right that was
// taken away a moment ago is gone.
func authorize(ctx context.Context, r Reader, actor Actor, need Permission) (authority, error) {
	who := authority{Actor: actor}
	switch actor.Kind {
	case ActorOperator:
		return who, nil
	case ActorPerson:
		var err error
		if who.member, err = r.Member(ctx, actor.WorkspaceID, actor.UserID); err != nil {
			return who, err
		}
		if who.member.Active && who.may(need) {
			return who, nil
		}
	}
	return who, ErrRole
}

func (a authority) may(p Permission) bool { return a.Kind == ActorOperator || a.member.Role.May(p) }

// mayActOn reports whether the actor may act on what ownerID owns: with the
// permission for all members' things, or on their own.
func (a authority) mayActOn(ownerID string, everybodys Permission) bool {
	return a.may(everybodys) || a.Kind == ActorPerson && ownerID == a.UserID
}

// MayChange reports whether one member may change another's role, or whether
// they are active.
func MayChange(m, other Member) bool {
	who := authority{Actor: Actor{Kind: ActorPerson}, member: m}
	return who.may(PermitManageMembers) && who.checkMayGive(other.Role) == nil
}

// RolesToGive lists the roles that a member may give to others, the most
// powerful first.
func RolesToGive(m Member) []Role {
	who := authority{Actor: Actor{Kind: ActorPerson}, member: m}
	return slices.DeleteFunc(slices.Clone(Roles),
		func(r Role) bool { return !who.may(PermitManageMembers) || who.checkMayGive(r) != nil })
}

// checkMayGive returns nil when the actor may give a role, or take it away.
func (a authority) checkMayGive(r Role) error {
	if r == RoleOwner && !a.may(PermitManageOwners) {
		return &Error{Kind: Forbidden, Message: "Only an owner can make somebody an owner, or change one."}
	}
	return nil
}

func checkRole(r Role) string {
	if r.Valid() {
		return ""
	}
	return "The role is one of owner, admin, developer, auditor and member."
}
