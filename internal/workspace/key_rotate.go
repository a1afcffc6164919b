package workspace

import (
	"context"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// Limits on rotations within an hour: of one key, and by one user. The first is
// below MaxOldSecrets, so that no secret is dropped within an hour of its
// rotation and the second counts all of them.
const (
	maxKeyRotations    = 10
	maxPersonRotations = 1000
)

// KeyRotation asks for a new secret for a key.
type KeyRotation struct {
	KeyID   string
	Overlap string // how long the present secret keeps working; see Overlaps
	From    *int   // the number of the secret that the actor saw as the present one; nil: any
}

// RotateKey gives a key a new secret, which is stored nowhere and returned only
// here. The present secret keeps working for the overlap. Anyone who has the
// secret acts as the key's owner, so only an actor who may add a key for that
// owner may rotate it, and a key with full access needs a fresh proof.
//
// A disabled key can be rotated and stays disabled, with both of its secrets,
// until it is enabled: a leaked secret can be replaced before the key works
// again.
//
// The error is of kind Conflict while an earlier secret still works, and when
// the present secret is not r.From: a form that is sent twice rotates once.
func (s *Service) RotateKey(ctx context.Context, actor Actor, r KeyRotation) (ListedKey, secret.Secret, error) {
	lasts, err := parseOverlap(r.Overlap)
	if err != nil {
		return ListedKey{}, secret.Secret{}, err
	}
	newSecret := secret.New(s.keyPrefix)
	err = s.actOnKeys(ctx, actor, PermitAddKeys, func(tx ChangeTx, a *act) error {
		key, err := s.rotatable(ctx, tx, a.who, r)
		if err != nil {
			return err
		}
		now := s.clock()
		old := OldSecret{KeyID: key.ID, SecretNumber: key.SecretNumber, Digest: key.Digest, Hint: key.Hint,
			RotatedAt: now, RotatedBy: actor.UserID}
		old.setEnd(lasts, now)
		rotated := key
		rotated.Digest, rotated.Hint, rotated.SecretNumber = newSecret.Digest(), newSecret.Hint(), key.SecretNumber+1
		details := keyDetails(rotated)
		details["hint_before"], details["overlap_until"] = old.Hint, old.EndsAt.Format(time.RFC3339)
		a.record(ActionKeyRotated, key.ID, details)
		if err := tx.UpdateKey(ctx, key, rotated); err != nil {
			return err
		}
		return tx.PutOldSecret(ctx, old)
	})
	if err != nil {
		return ListedKey{}, secret.Secret{}, err
	}
	key, err := s.store.Key(ctx, KeyLookup{WorkspaceID: actor.WorkspaceID, ID: r.KeyID})
	return key, newSecret, err
}

// rotatable returns the key if the actor may rotate it now.
func (s *Service) rotatable(ctx context.Context, r Reader, who authority, rotation KeyRotation) (Key, error) {
	listed, err := r.Key(ctx, KeyLookup{WorkspaceID: who.WorkspaceID, ID: rotation.KeyID})
	if err != nil {
		return Key{}, err
	}
	key, now := listed.Key, s.clock()
	if !who.mayActOn(key.OwnerID, PermitSeeAllKeys) {
		return Key{}, ErrNotFound
	}
	if err := who.checkMayAddFor(ctx, r, key.OwnerID); err != nil {
		return Key{}, &Error{Kind: Forbidden,
			Message: "Whoever has this key’s secret acts as its owner, so only its owner can rotate it."}
	}
	switch key.State(now) {
	case KeyRevoked:
		return Key{}, &Error{Kind: Conflict, Message: "This key is revoked. Add another in its place."}
	case KeyExpired:
		return Key{}, &Error{Kind: Conflict, Message: "This key has expired. Extend it first, or add another."}
	}
	old, err := r.OldSecrets(ctx, key.ID)
	switch {
	case err != nil:
		return Key{}, err
	case rotation.From != nil && *rotation.From != key.SecretNumber:
		return Key{}, &Error{Kind: Conflict, Title: "This key has been rotated already",
			Message: "You or another user rotated it after you opened this page. Its new secret was shown once, to " +
				"whoever did that."}
	case len(old) > 0 && old[0].works(key, now):
		return Key{}, &Error{Kind: Conflict, Title: "This key is already being rotated",
			Message: "Its old secret works until " + old[0].EndsAt.Format("2 January 2006 at 15:04 MST") + ". Retire " +
				"the old secret on the key’s page, or rotate the key again after that."}
	}
	if err := limitRotations(ctx, r, who.Actor, old, now); err != nil {
		return Key{}, err
	}
	if key.Limits.Scopes == nil {
		return key, s.RequireFreshProof(who.Actor)
	}
	return key, nil
}

// limitRotations returns an [Error] of kind Throttled when too many rotations
// were made within an hour: of the key with these old secrets, or by the actor.
func limitRotations(ctx context.Context, r Reader, actor Actor, old []OldSecret, now time.Time) error {
	const within = time.Hour
	var first time.Time
	if len(old) >= maxKeyRotations {
		first = old[maxKeyRotations-1].RotatedAt
	}
	if wait := first.Add(within).Sub(now); wait > 0 {
		return &Error{Kind: Throttled, Message: "This key was rotated 10 times within an hour. Try again later.",
			RetryAfter: wait}
	}
	if actor.UserID == "" {
		return nil
	}
	first, err := r.RotationsBy(ctx, actor.UserID, now.Add(-within), maxPersonRotations)
	if wait := first.Add(within).Sub(now); err == nil && wait > 0 {
		return &Error{Kind: Throttled, Message: "You rotated 1,000 keys within an hour. Try again later.",
			RetryAfter: wait}
	}
	return err
}

// Rotation is a running rotation: an old secret of the key still works.
type Rotation struct {
	Old       OldSecret
	LastUse   Use  // of the old secret
	NewUse    Use  // of the present secret
	MayRetire bool // the old secret has been idle for a day
}

// retirable is how long an old secret must be unused before it is safe to
// retire.
const retirable = 24 * time.Hour

// rotation returns the running rotation of a key, or nil.
func (s *Service) rotation(key ListedKey, old []OldSecret, sources []KeySource) *Rotation {
	now := s.clock()
	if len(old) == 0 || !old[0].works(key.Key, now) {
		return nil
	}
	r := Rotation{Old: old[0]}
	for _, source := range sources {
		switch {
		case source.Decision != DecisionValid:
		case source.SecretNumber == old[0].SecretNumber && source.At.After(r.LastUse.At):
			r.LastUse = source.Use
		case source.SecretNumber == key.SecretNumber && source.At.After(r.NewUse.At):
			r.NewUse = source.Use
		}
	}
	if key.LastUse.At.After(r.LastUse.At) && key.LastUse.At.Before(old[0].RotatedAt) { // of before sources were counted
		r.LastUse = key.LastUse
	}
	idle := r.LastUse.At
	if idle.IsZero() {
		idle = key.CreatedAt
	}
	r.MayRetire = now.Sub(idle) >= retirable
	return &r
}

// MayRotate reports whether a member may rotate a key at now.
func MayRotate(m Member, k ListedKey, now time.Time) bool {
	own := k.OwnerID == m.UserID || k.OwnerService && k.OwnerActive && m.Role.May(PermitManageMembers)
	return own && m.Role.May(PermitAddKeys) && k.State(now) == KeyActive
}
