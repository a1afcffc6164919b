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

// works reports whether the secret of a key is as good as the present one. Only
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

// parseOverlap reads one of Overlaps.
func parseOverlap(text string) (time.Duration, error) {
	d, ok := overlaps[text]
	if !ok {
		return 0, invalid{"overlap": "Choose one of these."}.err()
	}
	return d, nil
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
