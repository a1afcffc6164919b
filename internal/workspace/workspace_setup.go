package workspace

import (
	"context"
	"strings"

	"github.com/keylodge/keylodge/internal/secret"
)

// NewWorkspace is a workspace to be made, and the person who will own it.
type NewWorkspace struct {
	Name, Slug            string
	OwnerName, OwnerEmail string
	OwnerPassword         string // the operator may leave it out, and give the owner a link to set one
}

// NewSetupToken returns a token for making the first workspace, or "" when
// there is a workspace already.
func (s *Service) NewSetupToken(ctx context.Context) (string, error) {
	some, err := s.store.Workspaces(ctx, WorkspaceFilter{Limit: 1})
	if err != nil || len(some) > 0 {
		return "", err
	}
	token := secret.NewToken()
	t := OneTimeToken{Digest: secret.DigestOf(token), Purpose: PurposeSetup, CreatedAt: s.clock()}
	return token, s.sweep(ctx, func(tx Tx) error { return tx.InsertOneTimeToken(ctx, t) })
}

// CheckSetupToken returns nil when the token would still make the first
// workspace, an [Error] of kind Gone when that has been done, and one of kind
// Forbidden when the token was never good.
func (s *Service) CheckSetupToken(ctx context.Context, token string) error {
	return checkSetupToken(ctx, s.store, token)
}

func checkSetupToken(ctx context.Context, r Reader, token string) error {
	some, err := r.Workspaces(ctx, WorkspaceFilter{Limit: 1})
	if err != nil {
		return err
	}
	if len(some) > 0 {
		return &Error{Kind: Gone, Message: "Set-up is done, and this link has been used. Sign in instead."}
	}
	_, err = r.OneTimeToken(ctx, PurposeSetup, secret.DigestOf(token))
	if KindOf(err) == NotFound {
		return &Error{Kind: Forbidden, Message: "This set-up link is not right. Open the whole address that Keylodge " +
			"printed when it started, or restart it to get a new one."}
	}
	return err
}

// SetUp makes the first workspace and its owner. Of several at once with good
// tokens, one succeeds.
func (s *Service) SetUp(ctx context.Context, actor Actor, token string, n NewWorkspace) (Workspace, Member, error) {
	if err := s.CheckSetupToken(ctx, token); err != nil {
		return Workspace{}, Member{}, err
	}
	return s.createWorkspace(ctx, actor, n, func(tx Tx) error {
		if err := checkSetupToken(ctx, tx, token); err != nil {
			return err
		}
		return tx.DeleteOneTimeTokens(ctx, OneTimeTokenFilter{Purpose: PurposeSetup})
	})
}

// CreateWorkspace makes a workspace for the operator. An owner who has an
// account already keeps it, password and all.
func (s *Service) CreateWorkspace(ctx context.Context, n NewWorkspace) (Workspace, Member, error) {
	return s.createWorkspace(ctx, Operator, n, func(tx Tx) error {
		return tx.DeleteOneTimeTokens(ctx, OneTimeTokenFilter{Purpose: PurposeSetup})
	})
}

func (s *Service) createWorkspace(ctx context.Context, actor Actor, n NewWorkspace, first func(Tx) error) (Workspace,
	Member, error) {
	wrong := invalid{}
	var message string
	n.Slug = strings.ToLower(n.Slug) // as browsers do with a host's name
	n.Name, message = cleanRequiredName(n.Name, "Give the workspace a name.")
	wrong.add("workspace_name", message)
	wrong.add("slug", checkSlug(n.Slug))
	person := personForm{name: n.OwnerName, email: n.OwnerEmail, password: n.OwnerPassword,
		passwordOptional: actor.Kind == ActorOperator, words: []string{n.Name, n.Slug}}.check(wrong)
	if err := wrong.err(); err != nil {
		return Workspace{}, Member{}, err
	}
	person.confirmed = true // by whoever runs Keylodge, who alone has the link
	if err := person.hash(ctx, s); err != nil {
		return Workspace{}, Member{}, err
	}

	now := s.clock()
	w := Workspace{ID: newID(workspaceIDPrefix, now), Slug: n.Slug, Name: n.Name, CreatedAt: now}
	actor.WorkspaceID = w.ID
	var owner Member
	err := s.actOnKeys(ctx, actor, noPermission, func(tx ChangeTx, a *act) error {
		if err := first(tx); err != nil {
			return err
		}
		if err := checkSlugIsFree(ctx, tx, "", w.Slug, now); err != nil {
			return err
		}
		if err := tx.InsertWorkspace(ctx, w); err != nil {
			return conflictAt(err, "slug", "This address is taken. Choose another.")
		}
		a.record(ActionWorkspaceCreated, w.ID, map[string]string{"slug": w.Slug, "name": w.Name})
		var err error
		if owner, err = s.insertMember(ctx, tx, w.ID, person, RoleOwner); err != nil {
			return err
		}
		a.record(ActionMemberAdded, owner.UserID, addedDetails(owner))
		return nil
	})
	return w, owner, err
}

// conflictAt turns a Conflict into an Invalid of one field, so that a form can
// say so beside it.
func conflictAt(err error, field, message string) error {
	if KindOf(err) != Conflict {
		return err
	}
	return invalid{field: message}.err()
}

// WorkspaceBySlug returns the workspace with that slug.
func (s *Service) WorkspaceBySlug(ctx context.Context, slug string) (Workspace, error) {
	return s.store.Workspace(ctx, WorkspaceLookup{Slug: slug})
}

// OnlyWorkspace returns the workspace when there is exactly one, an [Error] of
// kind NotFound when there is none, and one of kind Conflict when there are
// several.
func (s *Service) OnlyWorkspace(ctx context.Context) (Workspace, error) {
	some, err := s.store.Workspaces(ctx, WorkspaceFilter{Limit: 2})
	switch {
	case err != nil:
		return Workspace{}, err
	case len(some) == 0:
		return Workspace{}, ErrNotFound
	case len(some) > 1:
		return Workspace{}, &Error{Kind: Conflict, Message: "There are several workspaces here."}
	}
	return some[0], nil
}
