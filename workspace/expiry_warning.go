package workspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// warnDays are how many days before a key ends its people are told, the last time first.
var warnDays = []int{1, 7, 14}

// warnedAt returns at which of warnDays a key with an end is already, so that who has just set it is not told of what they know; 0: at none.
func warnedAt(expires, now time.Time) int {
	for _, days := range warnDays {
		if !expires.IsZero() && !now.Before(expires.AddDate(0, 0, -days)) {
			return days
		}
	}
	return 0
}

// setExpiry gives the key an end. One that has passed is a state, so that no
// node with a slow clock accepts the key.
func (k *Key) setExpiry(at, now time.Time) {
	k.ExpiresAt, k.Warned = at, warnedAt(at, now)
	k.Ended = !at.IsZero() && !now.Before(at)
}

// warnStep is how many keys one transaction marks as warned of.
const warnStep = 500

// WarnOfExpiry tells people, and the webhook of their workspace, which keys end in at most 14, 7 and 1 days: of each key once for each, whoever
// else does the same. Owners are told of their keys, and admins of those of service accounts and of people who have been deactivated. A
// person gets one message for each workspace, which has all of the keys. link leads to a key's page.
func (s *Service) WarnOfExpiry(ctx context.Context, link func(w Workspace, keyID string) string) error {
	due := map[string][]ListedKey{} // by workspace
	for _, days := range warnDays {
		for more := true; more; {
			keys, err := s.claimWarnings(ctx, days)
			if err != nil {
				return err
			}
			for _, k := range keys {
				due[k.WorkspaceID] = append(due[k.WorkspaceID], k)
			}
			more = len(keys) == warnStep
		}
	}
	var failed error
	for id, keys := range due {
		failed = errors.Join(failed, s.tellOfExpiry(ctx, id, keys, link))
	}
	return failed
}

// claimWarnings marks keys that are due, and writes down that people are told.
func (s *Service) claimWarnings(ctx context.Context, days int) (keys []ListedKey, err error) {
	now := s.clock()
	err = s.actOnAccounts(ctx, Actor{Kind: ByServer}, func(tx Tx, r *recorder) error {
		if keys, err = tx.ClaimWarnings(ctx, now, now.AddDate(0, 0, days), days, warnStep); err != nil {
			return err
		}
		if len(keys) == 0 {
			return ErrNothingChanged
		}
		for _, k := range keys {
			e := s.event(Actor{Kind: ByServer, WorkspaceID: k.WorkspaceID}, KeyExpiryWarned)
			e.TargetID, e.Details = k.ID, keyDetails(k.Key)
			e.Details["days"] = strconv.Itoa(days)
			if err := r.record(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
	return keys, err
}

// maxWarned is how many keys one message names.
const maxWarned = 50

func (s *Service) tellOfExpiry(ctx context.Context, workspaceID string, keys []ListedKey, link func(Workspace, string) string) error {
	w, err := s.store.Workspace(ctx, workspaceID)
	if err != nil {
		return err
	}
	slices.SortFunc(keys, func(a, b ListedKey) int { return cmp.Or(a.ExpiresAt.Compare(b.ExpiresAt), strings.Compare(a.ID, b.ID)) })
	for some := range slices.Chunk(keys, maxWarned) {
		data := struct {
			Keys []hookKey `json:"keys"`
		}{}
		for _, k := range some {
			data.Keys = append(data.Keys, hookKeyOf(k.Key, link(w, k.ID)))
		}
		if err := s.tellPrograms(ctx, workspaceID, HookExpiring, data); err != nil {
			return err
		}
	}
	if s.send == nil {
		return nil
	}
	theirs, err := s.keysByReader(ctx, workspaceID, keys)
	if err != nil {
		return err
	}
	for address, keys := range theirs {
		s.send(Mail{To: address, Subject: expirySubject(w, keys), Text: s.expiryText(w, keys, link)})
	}
	return nil
}

// keysByReader says who is told of which keys, by their address.
func (s *Service) keysByReader(ctx context.Context, workspaceID string, keys []ListedKey) (map[string][]ListedKey, error) {
	owners, theirs := map[string]Member{}, map[string][]ListedKey{}
	var admins []Member
	for _, k := range keys {
		owner, known := owners[k.OwnerID]
		if !known {
			var err error
			if owner, err = s.store.Member(ctx, workspaceID, k.OwnerID); err != nil && KindOf(err) != NotFound {
				return nil, err
			}
			owners[k.OwnerID] = owner
		}
		if owner.Active && !owner.Service {
			theirs[owner.Email] = append(theirs[owner.Email], k)
			continue
		}
		if admins == nil {
			var err error
			if admins, err = s.store.MembersByRole(ctx, workspaceID, []Role{Owner, Admin}, maxTold); err != nil {
				return nil, err
			}
		}
		for _, m := range admins {
			theirs[m.Email] = append(theirs[m.Email], k)
		}
	}
	return theirs, nil
}

func expirySubject(w Workspace, keys []ListedKey) string {
	if len(keys) == 1 {
		return "An API key of " + w.Name + " ends soon"
	}
	return fmt.Sprintf("%d API keys of %s end soon", len(keys), w.Name)
}

func (s *Service) expiryText(w Workspace, keys []ListedKey, link func(Workspace, string) string) string {
	var b strings.Builder
	b.WriteString("Requests with these keys will fail once they have ended:\n")
	for _, k := range keys[:min(len(keys), maxWarned)] {
		fmt.Fprintf(&b, "\n“%s” (%s) ends on %s, %s.\n%s\n", k.Title(), k.Hint, k.ExpiresAt.Format("2 January 2006 at 15:04 MST"), inDays(k.ExpiresAt.Sub(s.clock())), link(w, k.ID))
	}
	if more := len(keys) - maxWarned; more > 0 {
		fmt.Fprintf(&b, "\nAnd %d more.\n", more)
	}
	b.WriteString("\nThere you can give them another end, or a new secret. You are told 14 days, 7 days and 1 day before a key ends.\n")
	return b.String()
}

// inDays says in how many days something is, rounded up: "in 7 days".
func inDays(d time.Duration) string {
	const day = 24 * time.Hour
	return "in " + days(max(1, int((d+day-1)/day)))
}

// ExpiringKeys counts the live keys that end within 14 days, up to CountedUpTo and one more, of those that the actor may see.
func (s *Service) ExpiringKeys(ctx context.Context, actor Actor) (int, error) {
	who, err := authorize(ctx, s.store, actor, SeeOwnKeys)
	if err != nil {
		return 0, err
	}
	owner := ""
	if !who.may(SeeAllKeys) {
		owner = actor.UserID
	}
	now := s.clock()
	return s.store.ExpiringKeys(ctx, actor.WorkspaceID, owner, now, now.Add(soon))
}

// EndsSoon says whether a key is live and ends within 14 days.
func (k Key) EndsSoon(now time.Time) bool {
	return k.State(now) == Active && !k.ExpiresAt.IsZero() && k.ExpiresAt.Before(now.Add(soon))
}
