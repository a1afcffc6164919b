package workspace

import "context"

// keyChange changes one key and records that. It returns [ErrNothingChanged]
// when there is nothing to change.
type keyChange func(tx ChangeTx, a *act, key Key) error

// alterKey changes a key for an actor who may revoke it, and returns the
// changed key.
func (s *Service) alterKey(ctx context.Context, actor Actor, keyID string, alter keyChange) (ListedKey, error) {
	err := s.actOnKeys(ctx, actor, PermitRevokeOwnKeys, func(tx ChangeTx, a *act) error {
		return a.alterKey(ctx, tx, keyID, alter)
	})
	if err != nil {
		return ListedKey{}, err
	}
	return s.store.Key(ctx, KeyLookup{WorkspaceID: actor.WorkspaceID, ID: keyID})
}

// alterKey changes the key with an id, if the actor may revoke it. When it
// returns an error, nothing is recorded of this key.
func (a *act) alterKey(ctx context.Context, tx ChangeTx, id string, alter keyChange) error {
	key, err := tx.Key(ctx, KeyLookup{WorkspaceID: a.who.WorkspaceID, ID: id})
	if err != nil {
		return err
	}
	if !a.who.mayActOn(key.OwnerID, PermitRevokeAllKeys) {
		return ErrNotFound
	}
	recorded := len(a.events)
	err = alter(tx, a, key.Key)
	if err != nil {
		a.events = a.events[:recorded]
	}
	return err
}
