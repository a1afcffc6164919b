package workspace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// Invitation asks a person to become a member. Anyone who opens its link is
// taken for the person with the email: it is sent to nobody else. Its text is
// nowhere; Digest is the SHA-256 of the link's token.
type Invitation struct {
	ID          string
	WorkspaceID string
	Email       string // folded
	Role        Role
	Digest      secret.Digest
	InvitedBy   string // a user's id
	CreatedAt   time.Time
	ExpiresAt   time.Time
}

// InvitationLifetime is how long an invitation's link works.
const InvitationLifetime = 7 * 24 * time.Hour

// maxInvitations is how many may be open in a workspace, and how many may be
// made at once.
const (
	maxInvitations     = 1000
	maxInvitationsOnce = 50
)

// Invited is what came of inviting one email: the token of a link, or why
// there is none.
type Invited struct {
	Email    string
	Token    string
	Failed   string
	Replaced bool // an earlier link to the email is dead
}

// Invite invites several people, each for themselves. An older invitation to
// the same email is dead. The same email can be invited a few times only in
// a short time.
func (s *Service) Invite(ctx context.Context, actor Actor, emails []string, role Role) ([]Invited, error) {
	if _, err := authorize(ctx, s.store, actor, PermitManageMembers); err != nil {
		return nil, err
	}
	wrong := invalid{}
	wrong.add("role", checkRole(role))
	switch {
	case len(emails) == 0:
		wrong.add("emails", "Enter an e-mail address.")
	case len(emails) > maxInvitationsOnce:
		wrong.add("emails", fmt.Sprintf("Invite at most %d people at once.", maxInvitationsOnce))
	}
	if err := wrong.err(); err != nil {
		return nil, err
	}
	var all []Invited
	asked := map[string]bool{}
	for _, email := range emails {
		one := Invited{Email: email}
		clean, message := cleanEmail(email)
		if asked[clean] {
			continue
		}
		asked[clean] = true
		if message != "" {
			one.Failed = message
		} else {
			var err error
			one.Token, one.Replaced, err = s.invite(ctx, actor, clean, role)
			switch failed, ok := errors.AsType[*Error](err); {
			case ok && (failed.Kind == Conflict || failed.Kind == Throttled || errors.Is(err, errOwnersInvitation)):
				one.Failed = failed.Message
			case err != nil:
				return all, err
			}
		}
		all = append(all, one)
	}
	return all, nil
}

func (s *Service) invite(ctx context.Context, actor Actor, email string, role Role) (token string, replaced bool,
	err error) {
	if err := s.countInvitation(ctx, actor, email); err != nil {
		return "", false, err
	}
	token, now := secret.NewToken(), s.clock()
	i := Invitation{
		ID: newID(invitationPrefix, now), WorkspaceID: actor.WorkspaceID, Email: email, Role: role,
		Digest:    secret.DigestOf(token),
		InvitedBy: actor.UserID, CreatedAt: now, ExpiresAt: now.Add(InvitationLifetime),
	}
	err = s.act(ctx, actor, PermitManageMembers, func(tx Tx, a *act) error {
		if err := a.who.checkMayGive(role); err != nil {
			return err
		}
		if err := noMemberYet(ctx, tx, actor.WorkspaceID, email); err != nil {
			return err
		}
		open, err := tx.Invitations(ctx, actor.WorkspaceID, maxInvitations)
		if err != nil {
			return err
		}
		if len(open) == maxInvitations {
			return &Error{Kind: Conflict, Message: "Too many invitations are open. Withdraw some first."}
		}
		before, err := tx.PutInvitation(ctx, i)
		if err != nil {
			return err
		}
		replaced = before.ID != ""
		if replaced && a.who.checkMayGive(before.Role) != nil {
			return errOwnersInvitation
		}
		a.record(ActionMemberInvited, i.ID, map[string]string{"email": email, "role": string(role)})
		if !s.SendsMail() {
			return nil
		}
		return s.mailLink(ctx, tx, actor, Message{Kind: MessageInvitation, To: email, Deadline: i.ExpiresAt},
			linkPayload{Invitation: i.ID})
	})
	if err != nil {
		return "", false, err
	}
	return token, replaced, nil
}

// errOwnersInvitation is the answer to an admin who would replace or withdraw
// an owner's invitation.
var errOwnersInvitation = &Error{Kind: Forbidden,
	Message: "This person is invited as an owner. Only an owner can replace or withdraw that."}

// MayReplace reports whether a member may replace or withdraw an invitation:
// they need the right to grant its role.
func MayReplace(m Member, i Invitation) bool { return slices.Contains(RolesToGive(m), i.Role) }

// countInvitation returns an [Error] of kind Throttled when the actor has
// invited too many people in a short time, or the same one too often. Where
// Keylodge sends no email there is nothing to limit.
func (s *Service) countInvitation(ctx context.Context, actor Actor, email string) error {
	if !s.SendsMail() || actor.Kind != ActorPerson {
		return nil
	}
	by := throttleSubject{name: "invite-by:" + actor.UserID, freeTries: freeInvitations, memory: invitationMemory,
		first: firstWait, longest: longestWait}
	return s.countMail(ctx, by, mailsTo("invite:"+actor.WorkspaceID, email))
}

func noMemberYet(ctx context.Context, r Reader, workspaceID, email string) error {
	user, err := r.User(ctx, UserLookup{Email: email})
	if err == nil {
		_, err = r.Member(ctx, workspaceID, user.ID)
	}
	if err != nil {
		return whenNotFound(err, nil)
	}
	return &Error{Kind: Conflict, Message: "This person is a member already."}
}

// Invitations returns the workspace's invitations that are still open, the
// newest first.
func (s *Service) Invitations(ctx context.Context, actor Actor) ([]Invitation, error) {
	if _, err := authorize(ctx, s.store, actor, PermitManageMembers); err != nil {
		return nil, err
	}
	return s.store.Invitations(ctx, actor.WorkspaceID, maxInvitations)
}

// WithdrawInvitation makes an invitation's link dead. It needs the right to
// grant the role that the invitation has.
func (s *Service) WithdrawInvitation(ctx context.Context, actor Actor, id string) error {
	return s.act(ctx, actor, PermitManageMembers, func(tx Tx, a *act) error {
		i, err := tx.DeleteInvitation(ctx, actor.WorkspaceID, id)
		if err == nil && a.who.checkMayGive(i.Role) != nil {
			err = errOwnersInvitation
		}
		a.record(ActionMemberUninvited, id, map[string]string{"email": i.Email, "role": string(i.Role)})
		return err
	})
}
