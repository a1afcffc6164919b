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
	who, err := authorize(ctx, s.store, actor, SeeOwnKeys)
	if err != nil {
		return who, ListedKey{}, err
	}
	key, err := s.store.Key(ctx, KeyLookup{WorkspaceID: actor.WorkspaceID, ID: keyID})
	if err == nil && !who.mayActOn(key.OwnerID, SeeAllKeys) {
		return who, ListedKey{}, ErrNotFound
	}
	return who, key, err
}

// MayRevoke says whether a member may revoke a key.
func MayRevoke(m Member, k Key) bool {
	return authority{Actor: Actor{Kind: ByPerson, UserID: m.UserID}, member: m}.mayActOn(k.OwnerID, RevokeAllKeys) &&
		m.Role.May(RevokeOwnKeys)
}

// KeyBySecret returns the key with a secret, if the actor may see it: somebody
// has found one, and wants to know whose it is.
func (s *Service) KeyBySecret(ctx context.Context, actor Actor, presented secret.Secret) (ListedKey, error) {
	key, err := s.store.Key(ctx, KeyLookup{Digest: presented.Digest()})
	if err != nil {
		return ListedKey{}, err
	}
	return s.Key(ctx, actor, key.ID)
}

// KeyIdentity is who a key is, for the program that holds it.
type KeyIdentity struct {
	Workspace Workspace
	Owner     Member
	Key       Key
}

// KeyIdentity returns who a key is, once a check has accepted it.
func (s *Service) KeyIdentity(ctx context.Context, slug, keyID string) (id KeyIdentity, err error) {
	if id.Workspace, err = s.store.Workspace(ctx, WorkspaceLookup{Slug: slug}); err != nil {
		return id, err
	}
	key, err := s.store.Key(ctx, KeyLookup{WorkspaceID: id.Workspace.ID, ID: keyID})
	if err != nil {
		return id, err
	}
	id.Key = key.Key
	id.Owner, err = s.store.Member(ctx, id.Workspace.ID, key.OwnerID)
	if KindOf(err) == NotFound { // removed a moment ago
		id.Owner, err = s.keysGoTo(ctx, id.Workspace.ID, key.OwnerID)
	}
	return id, err
}

// OperatorAt returns the operator, acting in whichever workspace has a key.
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
