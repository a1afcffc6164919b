package workspace

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/keylodge/keylodge/internal/secret"
)

// KeyEdit asks to change a key.
type KeyEdit struct {
	Name     string
	Expires  string   // "keep", or see ParseExpiry
	Access   string   // see NewKey
	Scopes   []string // see ParseScopes
	Networks []string // see ParseNetworks
	Rate     string   // see ParseRate; empty: no limit
	Version  string   // Key.Version of the key that the form showed; empty: any
}

// Version identifies the fields that can be edited, as they are now: two keys
// with the same fields have the same version.
func (k Key) Version() string {
	d := secret.DigestOf(fmt.Sprintf("%q %d %t %q %v %v", k.Name, k.ExpiresAt.UnixMicro(), k.Ended, k.Limits.Scopes,
		k.Limits.Networks, k.Limits.Rate))
	return idEncoding.EncodeToString(d[:10])
}

// ErrKeyChanged is returned for an edit when another user changed the key after
// the form was shown.
var ErrKeyChanged = &Error{Kind: Conflict, Message: "Somebody else has changed this key meanwhile. " +
	"Look at it as it is now, and save again what is still wanted."}

// EditKey changes a key for an actor who may revoke it and add keys, within the
// key policy. No verification that begins after it returns sees the key as it
// was. The error is [ErrKeyChanged] when the key is not the one that the form
// showed.
func (s *Service) EditKey(ctx context.Context, actor Actor, keyID string, edit KeyEdit) (ListedKey, error) {
	err := s.actOnKeys(ctx, actor, PermitAddKeys, func(tx ChangeTx, a *act) error {
		before, err := tx.Key(ctx, KeyLookup{WorkspaceID: actor.WorkspaceID, ID: keyID})
		if err != nil {
			return err
		}
		switch {
		case !a.who.mayActOn(before.OwnerID, PermitRevokeAllKeys):
			return ErrNotFound
		case !before.RevokedAt.IsZero():
			return &Error{Kind: Conflict, Message: "This key is revoked for good, so nothing of it can be changed."}
		case edit.Version != "" && edit.Version != before.Version():
			return ErrKeyChanged
		}
		after, err := s.edited(ctx, tx, a.who, before.Key, edit)
		if err != nil {
			return err
		}
		if after.Version() == before.Version() {
			return ErrNothingChanged
		}
		if before.Limits.Scopes != nil && after.Limits.Scopes == nil {
			if err := s.RequireFreshProof(actor); err != nil {
				return err
			}
		}
		a.record(ActionKeyEdited, keyID, editDetails(before.Key, after))
		return tx.UpdateKey(ctx, before.Key, after)
	})
	if err != nil {
		return ListedKey{}, err
	}
	return s.store.Key(ctx, KeyLookup{WorkspaceID: actor.WorkspaceID, ID: keyID})
}

// edited returns the key as the edit makes it, or what is wrong with the edit.
func (s *Service) edited(ctx context.Context, r Reader, who authority, k Key, edit KeyEdit) (Key, error) {
	wrong := invalid{}
	after := k
	var message string
	after.Name, message = cleanName(edit.Name)
	wrong.add("name", message)
	if edit.Expires != "keep" {
		now := s.clock()
		expires, message := ParseExpiry(edit.Expires, now)
		wrong.add("expires", message)
		after.setExpiry(expires, now)
	}
	after.Limits = parseLimits(NewKey{Access: edit.Access, Scopes: edit.Scopes, Networks: edit.Networks,
		Rate: edit.Rate}, wrong)
	if err := wrong.err(); err != nil {
		return after, err
	}
	if err := s.authorizeEdit(ctx, r, who, k, &after); err != nil {
		return after, err
	}
	err := s.withinPolicy(ctx, r, who, k.Limits.Scopes, &after)
	return after, err
}

// withinPolicy applies the key policy and the scope catalog to a key that
// exists already and had some scopes before.
func (s *Service) withinPolicy(ctx context.Context, r Reader, who authority, before []string, k *Key) error {
	if who.Kind == ActorOperator {
		return nil
	}
	w, err := r.Workspace(ctx, WorkspaceLookup{ID: k.WorkspaceID})
	if err != nil {
		return err
	}
	policy := w.Keys
	policy.MaxKeys = 0 // the key is counted already
	if err := policy.check(k, who, 0); err != nil {
		return err
	}
	return s.checkScopes(ctx, r, who, *k, before)
}

// editDetails are the fields that changed, before and after.
func editDetails(before, after Key) map[string]string {
	was, is := keyDetails(before), keyDetails(after)
	d := map[string]string{"hint": after.Hint}
	for _, name := range slices.Concat(slices.Collect(maps.Keys(was)), slices.Collect(maps.Keys(is))) {
		if was[name] != is[name] {
			d[name], d[name+"_before"] = is[name], was[name]
		}
	}
	return d
}
