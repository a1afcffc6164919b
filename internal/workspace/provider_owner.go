package workspace

import (
	"context"
	"errors"
	"slices"
)

// ProviderRefusedOwner is the error in the audit log when a provider that no
// owner has saved was to sign in an owner.
const ProviderRefusedOwner = "not_saved_by_owner"

// errNotForOwners refuses an owner whom a provider vouches for that no owner
// has saved.
var errNotForOwners = &Error{Kind: Forbidden, Message: "This provider can’t sign in owners until an owner of the " +
	"workspace has saved it. Sign in another way, then save it under “Single sign-on”."}

// mayVouchFor returns errNotForOwners when a member is an owner, by now, whom
// the provider must not sign in. p is the provider as it was when it was asked.
func mayVouchFor(ctx context.Context, r Reader, p Provider, m Member) error {
	present, err := r.Member(ctx, m.WorkspaceID, m.UserID)
	if err != nil || present.Role != RoleOwner {
		return whenNotFound(err, nil)
	}
	return signsInOwnersNow(ctx, r, p, m.WorkspaceID)
}

// signsInOwnersNow returns errNotForOwners unless the provider that was asked
// is still as an owner has saved it.
func signsInOwnersNow(ctx context.Context, r Reader, asked Provider, workspaceID string) error {
	present, err := provider(ctx, r, workspaceID, asked.ID)
	if err == nil && (!present.SignsInOwners || !present.sameClient(asked)) {
		err = errNotForOwners
	}
	return whenNotFound(err, errNotForOwners)
}

// recordOwnerRefusal records, for the admins to see, that err is
// errNotForOwners, and returns err.
func (s *Service) recordOwnerRefusal(ctx context.Context, actor Actor, p Provider, err error) error {
	if !errors.Is(err, errNotForOwners) {
		return err
	}
	if failed := s.NoteProviderRefusal(ctx, actor, p, ProviderRefusedOwner); failed != nil {
		return failed
	}
	return err
}

// sameClient reports whether two providers speak for the same issuer and
// client.
func (p Provider) sameClient(other Provider) bool {
	return p.Issuer == other.Issuer && p.ClientID == other.ClientID && p.ClientSecret == other.ClientSecret
}

func signsInOwners(p Provider) bool { return p.SignsInOwners }

// letsOwnersIn returns an [Error] of kind Conflict when members of a workspace
// must sign in with a provider, and none of those that are left signs in
// owners.
func letsOwnersIn(ctx context.Context, r Reader, workspaceID string, left []Provider) error {
	w, err := r.Workspace(ctx, WorkspaceLookup{ID: workspaceID})
	if err == nil && w.SignIn.Require == RequireProvider && !slices.ContainsFunc(left, signsInOwners) {
		err = &Error{Kind: Conflict, Message: "Members must sign in with a provider, and this is the last one that " +
			"signs in owners. Ask an owner to change it, or change what sign-in requires first."}
	}
	return err
}
