package workspace

import "context"

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
	return who, &Error{Kind: Forbidden, Message: "Your role does not allow this. Ask an admin of the workspace."}
}

func (a authority) may(p Permission) bool { return a.Kind == ActorOperator || a.member.Role.May(p) }

// mayActOn says whether the actor may act on a thing that ownerID owns, given
// the permission for everybody's.
func (a authority) mayActOn(ownerID string, everybodys Permission) bool {
	return a.may(everybodys) || a.Kind == ActorPerson && ownerID == a.UserID
}
