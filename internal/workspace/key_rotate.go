package workspace

import (
	"context"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// OldSecret is one that a key had before its present one. The last one before
// it is as good as the present one until it ends.
type OldSecret struct {
	KeyID     string
	Number    int // of the key's secrets, from 0
	Digest    secret.Digest
	Hint      string
	RotatedAt time.Time // when the next took its place
	RotatedBy string    // a user's id; empty: the operator
	EndsAt    time.Time
	Ended     bool // it was retired, or replaced without an overlap: no clock brings it back
}

// setEnd lets the secret go on for so long from now, or not at all.
func (o *OldSecret) setEnd(lasts time.Duration, now time.Time) {
	o.EndsAt, o.Ended = now.Add(lasts), lasts == 0
}

// works says whether the secret of a key is as good as the present one. Only
// the last one before that may be: the next rotation needed it to have ended.
func (o OldSecret) works(k Key, now time.Time) bool {
	return !o.Ended && o.Number == k.SecretNumber-1 && now.Before(o.EndsAt)
}

// Overlaps lists for how long an old secret may go on, as it is written, and
// what that is called.
var Overlaps = [][2]string{{"24h", "24 hours"}, {"1h", "1 hour"}, {"7d", "7 days"}, {"0", "Not at all"}}

var overlaps = map[string]time.Duration{"0": 0, "1h": time.Hour, "24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour}

// MaxOldSecrets is how many old secrets of a key are kept. One that is dropped
// is no secret of the key's any more.
const MaxOldSecrets = 20

// Limits on how often keys are rotated within an hour: one key, by whoever, and
// all keys together by one person. The first is below MaxOldSecrets, so that no
// secret is dropped within an hour of its rotation, and the second counts
// right.
const (
	maxKeyRotations    = 10
	maxPersonRotations = 1000
)

// parseOverlap reads one of Overlaps.
func parseOverlap(text string) (time.Duration, error) {
	d, ok := overlaps[text]
	if !ok {
		return 0, invalid{"overlap": "Choose one of these."}.err()
	}
	return d, nil
}

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
	err = s.actOnKeys(ctx, actor, AddKeys, func(tx ChangeTx, a *act) error {
		key, err := s.rotatable(ctx, tx, a.who, r)
		if err != nil {
			return err
		}
		now := s.clock()
		old := OldSecret{KeyID: key.ID, Number: key.SecretNumber, Digest: key.Digest, Hint: key.Hint, RotatedAt: now,
			RotatedBy: actor.UserID}
		old.setEnd(lasts, now)
		key.Digest, key.Hint, key.SecretNumber = newSecret.Digest(), newSecret.Hint(), key.SecretNumber+1
		details := keyDetails(key)
		details["hint_before"], details["overlap_until"] = old.Hint, old.EndsAt.Format(time.RFC3339)
		a.record(ActionKeyRotated, key.ID, details)
		return tx.RotateKey(ctx, key, old)
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
	if !who.mayActOn(key.OwnerID, SeeAllKeys) {
		return Key{}, ErrNotFound
	}
	if err := who.mayOwnBy(ctx, r, key.OwnerID); err != nil {
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
		return key, s.FreshProof(who.Actor)
	}
	return key, nil
}

// limitRotations refuses a rotation, as Throttled, when too many were made
// within an hour: of the key with these old secrets, or by the person.
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

// SetOverlap lets the old secret of a rotation that is running go on for so
// long from now, or end now ("0"). No check that begins after it returns
// accepts a secret that it has ended. One that has ended stays so.
func (s *Service) SetOverlap(ctx context.Context, actor Actor, keyID, overlap string) error {
	lasts, err := parseOverlap(overlap)
	if err != nil {
		return err
	}
	_, err = s.alterKey(ctx, actor, keyID, func(tx ChangeTx, a *act, key Key) error {
		old, err := tx.OldSecrets(ctx, keyID)
		if err != nil {
			return err
		}
		now := s.clock()
		if len(old) == 0 || !old[0].works(key, now) {
			return &Error{Kind: Conflict, Message: "The old secret of this key has ended already."}
		}
		if err := s.authorizeOverlap(ctx, tx, a.who, key, old[0].EndsAt, now.Add(lasts)); err != nil {
			return err
		}
		old[0].setEnd(lasts, now)
		details := keyDetails(key)
		details["old_hint"], details["overlap_until"] = old[0].Hint, old[0].EndsAt.Format(time.RFC3339)
		a.record(ActionOverlapSet, key.ID, details)
		return tx.SetSecretEnd(ctx, old[0])
	})
	return err
}

// authorizeOverlap checks that the actor may move the end of an old secret, as an
// edit moves the end of a key.
func (s *Service) authorizeOverlap(ctx context.Context, tx ChangeTx, who authority, key Key,
	before, after time.Time) error {
	if after.After(before) {
		return s.authorizeGrant(ctx, tx, who, key, []string{"overlap"})
	}
	was := key.NarrowedBy
	if err := noteLimited(ctx, tx, who, &key); err != nil || key.NarrowedBy == was || !key.RevokedAt.IsZero() {
		return err
	}
	return tx.UpdateKey(ctx, key)
}

// Rotation is what an old secret of a key, that still works, is doing.
type Rotation struct {
	Old       OldSecret
	LastUse   Use  // of the old secret
	NewUse    Use  // of the present one
	MayRetire bool // the old secret has been idle for a day
}

// retirable is how long nobody must have used an old secret before it is called
// safe to retire.
const retirable = 24 * time.Hour

// rotation returns the rotation of a key that is running, or nil.
func (s *Service) rotation(key ListedKey, old []OldSecret, sources []KeySource) *Rotation {
	now := s.clock()
	if len(old) == 0 || !old[0].works(key.Key, now) {
		return nil
	}
	r := Rotation{Old: old[0]}
	for _, source := range sources {
		switch {
		case source.Decision != DecisionValid:
		case source.Secret == old[0].Number && source.At.After(r.LastUse.At):
			r.LastUse = source.Use
		case source.Secret == key.SecretNumber && source.At.After(r.NewUse.At):
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

// MayRotate says whether a member may rotate a key at now.
func MayRotate(m Member, k ListedKey, now time.Time) bool {
	own := k.OwnerID == m.UserID || k.OwnerService && k.OwnerActive && m.Role.May(ManageMembers)
	return own && m.Role.May(AddKeys) && k.State(now) == KeyActive
}
