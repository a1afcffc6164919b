package workspace

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// ExpiryLayout is the layout of an expiry: to the minute, in UTC, as <input
// type=datetime-local> sends it.
const ExpiryLayout = "2006-01-02T15:04"

const maxLifetimeDays = 36_500

// ParseExpiry reads an expiry: "never" or nothing (the zero time), a number of
// days ("90d"), or a time in [ExpiryLayout]. The message is empty when text is
// valid.
func ParseExpiry(text string, now time.Time) (at time.Time, message string) {
	if text == "" || text == "never" {
		return time.Time{}, ""
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 || n > maxLifetimeDays {
			return time.Time{}, "Give a whole number of days from 1 to 36500, such as 90d."
		}
		return now.AddDate(0, 0, n), ""
	}
	at, err := time.Parse(ExpiryLayout, text)
	switch {
	case err != nil:
		return time.Time{}, "Give a date and time, such as 2027-01-31T18:00."
	case !at.After(now):
		return time.Time{}, "This moment has passed. Choose one in the future."
	case at.After(now.AddDate(0, 0, maxLifetimeDays)):
		return time.Time{}, "Choose a moment within the next 100 years."
	}
	return at, ""
}

// setExpiry sets the key's expiry. An expiry that has passed is also stored as
// a state, so that no node with a slow clock accepts the key.
func (k *Key) setExpiry(at, now time.Time) {
	k.ExpiresAt, k.Warned = at, warnedAt(at, now)
	k.Ended = !at.IsZero() && !now.Before(at)
}

// ExpiringKeys counts the active keys that the actor may see and that expire
// within 14 days, up to CountedUpTo and one more.
func (s *Service) ExpiringKeys(ctx context.Context, actor Actor) (int, error) {
	who, err := authorize(ctx, s.store, actor, PermitSeeOwnKeys)
	if err != nil {
		return 0, err
	}
	owner := ""
	if !who.may(PermitSeeAllKeys) {
		owner = actor.UserID
	}
	now := s.clock()
	return s.store.ExpiringKeys(ctx, actor.WorkspaceID, owner, now, now.Add(soon))
}

// EndsSoon reports whether a key is active and expires within 14 days.
func (k Key) EndsSoon(now time.Time) bool {
	return k.State(now) == KeyActive && !k.ExpiresAt.IsZero() && k.ExpiresAt.Before(now.Add(soon))
}
