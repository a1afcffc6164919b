package workspace

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// warnDays are how many days before a key ends its people are told, the last
// time first.
var warnDays = []int{1, 7, 14}

// warnedAt returns at which of warnDays a key with an end is already, so that
// who has just set it is not told of what they know; 0: at none.
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

// WarnOfExpiry tells people, and the webhook of their workspace, which keys end
// in at most 14, 7 and 1 days: of each key once for each, whichever node looks.
// Owners are told of their keys, and admins of those of service accounts and of
// users who have been deactivated. A person gets one message for each
// workspace, which has all of the keys, unless there are very many.
func (s *Service) WarnOfExpiry(ctx context.Context) error {
	for {
		n, err := s.warnOfSome(ctx)
		if err != nil || n < warnStep {
			return err
		}
	}
}

// warnOfSome marks keys that are due and writes, in the same transaction, the
// messages that tell of them. It returns how many keys there were.
func (s *Service) warnOfSome(ctx context.Context) (n int, err error) {
	err = s.act(ctx, Actor{Kind: ByServer}, noPermission, func(tx Tx, a *act) error {
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

// dueKey is a key of which people are told this many days before it ends.
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

// warnWorkspace writes the messages of one workspace, and an event for each
// key.
func (s *Service) warnWorkspace(ctx context.Context, tx Tx, a *act, workspaceID string, due []dueKey) error {
	var keys []ListedKey
	for _, k := range due {
		keys = append(keys, k.ListedKey)
	}
	dropped, err := s.tellOfExpiry(ctx, tx, workspaceID, keys)
	if err != nil {
		return err
	}
	a.as(Actor{Kind: ByServer, WorkspaceID: workspaceID})
	for _, k := range due {
		details := keyDetails(k.Key)
		details["days"] = strconv.Itoa(k.days)
		noteDropped(details, dropped)
		a.record(KeyExpiryWarned, k.ID, details)
	}
	return nil
}

// maxWarned is how many keys one message names.
const maxWarned = 50

// tellOfExpiry returns how many messages were dropped because too many wait.
func (s *Service) tellOfExpiry(ctx context.Context, tx Tx, workspaceID string, keys []ListedKey) (dropped int,
	err error) {
	if s.links.Key == nil {
		return 0, nil
	}
	w, err := tx.Workspace(ctx, workspaceID)
	if err != nil {
		return 0, err
	}
	slices.SortFunc(keys, func(a, b ListedKey) int { return cmp.Or(a.ExpiresAt.Compare(b.ExpiresAt), strings.Compare(a.ID, b.ID)) })
	for some := range slices.Chunk(keys, maxWarned) {
		data := struct {
			Keys []hookKey `json:"keys"`
		}{}
		for _, k := range some {
			data.Keys = append(data.Keys, hookKeyOf(k.Key, s.links.Key(w, k.ID)))
		}
		queued, err := s.tellPrograms(ctx, tx, workspaceID, HookExpiring, data)
		if err != nil {
			return 0, err
		}
		if !queued {
			dropped++
		}
	}
	if !s.SendsMail() {
		return dropped, nil
	}
	theirs, err := keysByReader(ctx, tx, workspaceID, keys)
	if err != nil {
		return 0, err
	}
	for _, email := range slices.Sorted(maps.Keys(theirs)) {
		queued, err := s.mailText(ctx, tx, workspaceID,
			Mail{To: email, Subject: expirySubject(w, theirs[email]), Text: s.expiryText(w, theirs[email])})
		if err != nil {
			return 0, err
		}
		if !queued {
			dropped++
		}
	}
	return dropped, nil
}

// keysByReader says who is told of which keys, by their email.
func keysByReader(ctx context.Context, r Reader, workspaceID string, keys []ListedKey) (map[string][]ListedKey, error) {
	owners, theirs := map[string]Member{}, map[string][]ListedKey{}
	var admins []Member
	for _, k := range keys {
		owner, known := owners[k.OwnerID]
		if !known {
			var err error
			if owner, err = r.Member(ctx, workspaceID, k.OwnerID); err != nil && KindOf(err) != NotFound {
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
			if admins, err = r.MembersByRole(ctx, workspaceID, []Role{Owner, Admin}, maxTold); err != nil {
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

func (s *Service) expiryText(w Workspace, keys []ListedKey) string {
	var b strings.Builder
	b.WriteString("Requests with these keys will fail once they have ended:\n")
	for _, k := range keys[:min(len(keys), maxWarned)] {
		fmt.Fprintf(&b, "\n“%s” (%s) ends on %s, %s.\n%s\n", k.Title(), k.Hint,
			k.ExpiresAt.Format("2 January 2006 at 15:04 MST"), inDays(k.ExpiresAt.Sub(s.clock())), s.links.Key(w, k.ID))
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

// ExpiringKeys counts the live keys that end within 14 days, up to CountedUpTo
// and one more, of those that the actor may see.
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
