package workspace

import (
	"context"
	"slices"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// OldSecret is a secret that a key had before its present one. The last of them
// works like the present secret until it ends.
type OldSecret struct {
	KeyID        string
	SecretNumber int // 0 for the first secret of the key
	Digest       secret.Digest
	Hint         string
	RotatedAt    time.Time // when the next took its place
	RotatedBy    string    // a user's id; empty: the operator
	EndsAt       time.Time
	Ended        bool // it was retired, or replaced without an overlap: no clock brings it back
}

// setEnd lets the secret work for a duration from now; 0: no longer.
func (o *OldSecret) setEnd(lasts time.Duration, now time.Time) {
	o.EndsAt, o.Ended = now.Add(lasts), lasts == 0
}

// works reports whether the secret works like the present one. Only the last
// old secret can: a rotation needs the one before to have ended.
func (o OldSecret) works(k Key, now time.Time) bool {
	return !o.Ended && o.SecretNumber == k.SecretNumber-1 && now.Before(o.EndsAt)
}

// Overlap is how long an old secret keeps working.
type Overlap struct {
	Value string // as it is sent in a form
	Name  string
	lasts time.Duration
}

// Overlaps lists the overlaps that people choose from, the default first.
var Overlaps = []Overlap{
	{"24h", "24 hours", 24 * time.Hour},
	{"1h", "1 hour", time.Hour},
	{"7d", "7 days", 7 * 24 * time.Hour},
	{"0", "Not at all", 0},
}

// MaxOldSecrets is how many old secrets of a key are kept. A secret that was
// dropped is unknown.
const MaxOldSecrets = 20

// parseOverlap reads one of Overlaps.
func parseOverlap(text string) (time.Duration, error) {
	i := slices.IndexFunc(Overlaps, func(o Overlap) bool { return o.Value == text })
	if i < 0 {
		return 0, invalid{"overlap": "Choose one of these."}.err()
	}
	return Overlaps[i].lasts, nil
}

// SetOverlap lets the old secret of a running rotation work for the overlap
// from now, or ends it now ("0"). No verification that begins after it returns
// accepts a secret that it has ended. A secret that has ended stays so.
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
		return tx.PutOldSecret(ctx, old[0])
	})
	return err
}

// authorizeOverlap checks that the actor may move the end of an old secret, as
// an edit moves the end of a key.
func (s *Service) authorizeOverlap(ctx context.Context, tx ChangeTx, who authority, key Key,
	before, after time.Time) error {
	if after.After(before) {
		return s.authorizeGrant(ctx, tx, who, key, []string{"overlap"})
	}
	limited := key
	if err := noteLimited(ctx, tx, who, &limited); err != nil || limited.NarrowedBy == key.NarrowedBy ||
		!key.RevokedAt.IsZero() {
		return err
	}
	return tx.UpdateKey(ctx, key, limited)
}
