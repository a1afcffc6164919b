package workspace

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"
)

// warnDays are how many days before its expiry people hear of a key, the last
// time first.
var warnDays = []int{1, 7, 14}

// warnedAt returns which of warnDays has been reached already when a key gets
// an expiry, so that the user who set it is not told what they know; 0: none.
func warnedAt(expires, now time.Time) int {
	for _, days := range warnDays {
		if !expires.IsZero() && !now.Before(expires.AddDate(0, 0, -days)) {
			return days
		}
	}
	return 0
}

// warnStep is how many keys one transaction marks as warned of. With their
// events that takes about 10 ms on SQLite, during which other writers wait.
const warnStep = 100

// WarnOfExpiry queues messages to people, and to the webhooks of their
// workspaces, about keys that expire within 14, 7 and 1 days: once for each key
// and each of these times, on whichever node it runs. Owners hear of their own
// keys, and admins of those of service accounts and of deactivated users. A
// person gets one message for each workspace, which has all of the keys up to
// warnStep.
func (s *Service) WarnOfExpiry(ctx context.Context) error {
	for {
		n, err := s.warnOfSome(ctx)
		if err != nil || n < warnStep {
			return err
		}
	}
}

// warnOfSome marks keys that are due as warned of and queues, in the same
// transaction, the messages about them. It returns how many keys there were.
func (s *Service) warnOfSome(ctx context.Context) (n int, err error) {
	err = s.act(ctx, Actor{Kind: ActorServer}, noPermission, func(tx Tx, a *act) error {
		due, total, err := s.claimWarnings(ctx, tx)
		if n = total; err != nil {
			return err
		}
		if n == 0 {
			return ErrNothingChanged
		}
		for _, workspaceID := range slices.Sorted(maps.Keys(due)) {
			if err := s.warnWorkspace(ctx, tx, a, workspaceID, due[workspaceID]); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// dueKey is a key about which people are warned, days before its expiry.
type dueKey struct {
	ListedKey
	days int
}

// claimWarnings marks up to warnStep keys that are due, by workspace.
func (s *Service) claimWarnings(ctx context.Context, tx Tx) (due map[string][]dueKey, n int, err error) {
	due = map[string][]dueKey{}
	now := s.clock()
	for _, days := range warnDays {
		keys, err := tx.ClaimWarnings(ctx, now, now.AddDate(0, 0, days), days, warnStep-n)
		if err != nil {
			return nil, 0, err
		}
		for _, k := range keys {
			due[k.WorkspaceID] = append(due[k.WorkspaceID], dueKey{k, days})
		}
		if n += len(keys); n >= warnStep {
			break
		}
	}
	return due, n, nil
}

// warnWorkspace queues the messages of one workspace, and records an event for
// each key.
func (s *Service) warnWorkspace(ctx context.Context, tx Tx, a *act, workspaceID string, due []dueKey) error {
	var keys []ListedKey
	for _, k := range due {
		keys = append(keys, k.ListedKey)
	}
	dropped, err := s.queueExpiryMessages(ctx, tx, workspaceID, keys)
	if err != nil {
		return err
	}
	a.as(Actor{Kind: ActorServer, WorkspaceID: workspaceID})
	for _, k := range due {
		details := keyDetails(k.Key)
		details["days"] = strconv.Itoa(k.days)
		noteDropped(details, dropped)
		a.record(ActionKeyExpiryWarned, k.ID, details)
	}
	return nil
}
