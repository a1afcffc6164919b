package workspace

import (
	"context"

	"github.com/keylodge/keylodge/internal/secret"
)

// Key returns one key that the actor may see.
func (s *Service) Key(ctx context.Context, actor Actor, keyID string) (ListedKey, error) {
	_, key, err := s.visibleKey(ctx, actor, keyID)
	return key, err
}

// visibleKey returns a key that the actor may see, and the actor's authority.
func (s *Service) visibleKey(ctx context.Context, actor Actor, keyID string) (authority, ListedKey, error) {
	who, err := authorize(ctx, s.store, actor, PermitSeeOwnKeys)
	if err != nil {
		return who, ListedKey{}, err
	}
	key, err := s.store.Key(ctx, KeyLookup{WorkspaceID: actor.WorkspaceID, ID: keyID})
	if err == nil && !who.mayActOn(key.OwnerID, PermitSeeAllKeys) {
		return who, ListedKey{}, ErrNotFound
	}
	return who, key, err
}

// MayRevoke reports whether a member may revoke a key.
func MayRevoke(m Member, k Key) bool {
	who := authority{Actor: Actor{Kind: ActorPerson, UserID: m.UserID}, member: m}
	return who.mayActOn(k.OwnerID, PermitRevokeAllKeys) && m.Role.May(PermitRevokeOwnKeys)
}

// KeyBySecret returns the key with a secret that an actor found, if they may
// see it.
func (s *Service) KeyBySecret(ctx context.Context, actor Actor, presented secret.Secret) (ListedKey, error) {
	key, err := s.store.Key(ctx, KeyLookup{Digest: presented.Digest()})
	if err != nil {
		return ListedKey{}, err
	}
	return s.Key(ctx, actor, key.ID)
}

// KeyIdentity is what the program that holds a key may know of it.
type KeyIdentity struct {
	Workspace Workspace
	Owner     Member
	Key       ListedKey
}

// KeyIdentity returns the identity of a key that a verification has accepted.
func (s *Service) KeyIdentity(ctx context.Context, slug, keyID string) (id KeyIdentity, err error) {
	if id.Workspace, err = s.store.Workspace(ctx, WorkspaceLookup{Slug: slug}); err != nil {
		return id, err
	}
	key, err := s.store.Key(ctx, KeyLookup{WorkspaceID: id.Workspace.ID, ID: keyID})
	if err != nil {
		return id, err
	}
	id.Key = key
	id.Owner, err = s.store.Member(ctx, id.Workspace.ID, key.OwnerID)
	if KindOf(err) == NotFound { // removed a moment ago
		id.Owner, err = s.keysGoTo(ctx, id.Workspace.ID, key.OwnerID)
	}
	return id, err
}

// OperatorAt returns the operator as an actor in the workspace of a key.
func (s *Service) OperatorAt(ctx context.Context, keyID string) (Actor, error) {
	key, err := s.store.Key(ctx, KeyLookup{ID: keyID, AnyWorkspace: true})
	actor := Operator
	actor.WorkspaceID = key.WorkspaceID
	return actor, err
}

// keysGoTo returns the member whom the keys of a removed member go to, and
// [ErrNotFound] when they are to be revoked.
func (s *Service) keysGoTo(ctx context.Context, workspaceID, userID string) (Member, error) {
	removal, err := s.store.Removal(ctx, workspaceID, userID)
	if err != nil {
		return Member{}, err
	}
	return s.store.Member(ctx, workspaceID, removal.KeysTo)
}
