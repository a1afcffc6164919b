package workspace

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// maxWarned is how many keys one message lists.
const maxWarned = 50

// queueExpiryMessages queues the messages about keys of a workspace that expire
// soon. It returns how many were dropped because too many are waiting.
func (s *Service) queueExpiryMessages(ctx context.Context, tx Tx, workspaceID string, keys []ListedKey) (dropped int,
	err error) {
	if s.links.Key == nil {
		return 0, nil
	}
	w, err := tx.Workspace(ctx, WorkspaceLookup{ID: workspaceID})
	if err != nil {
		return 0, err
	}
	slices.SortFunc(keys, func(a, b ListedKey) int {
		return cmp.Or(a.ExpiresAt.Compare(b.ExpiresAt), strings.Compare(a.ID, b.ID))
	})
	for some := range slices.Chunk(keys, maxWarned) {
		data := struct {
			Keys []hookKey `json:"keys"`
		}{}
		for _, k := range some {
			data.Keys = append(data.Keys, s.hookKeyOf(w, k.Key))
		}
		queued, err := s.queueHook(ctx, tx, workspaceID, HookExpiring, data)
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

// keysByReader returns the keys that each recipient is told of, by email.
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
			if admins, err = activePeople(ctx, r, workspaceID, maxRecipients, RoleOwner, RoleAdmin); err != nil {
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
		return "An API key of " + w.Name + " expires soon"
	}
	return fmt.Sprintf("%d API keys of %s expire soon", len(keys), w.Name)
}

func (s *Service) expiryText(w Workspace, keys []ListedKey) string {
	var b strings.Builder
	b.WriteString("Requests with these keys fail once they expire:\n")
	for _, k := range keys[:min(len(keys), maxWarned)] {
		fmt.Fprintf(&b, "\n“%s” (%s) expires on %s, %s.\n%s\n", k.Title(), k.Hint,
			k.ExpiresAt.Format("2 January 2006 at 15:04 MST"), inDays(k.ExpiresAt.Sub(s.clock())), s.links.Key(w, k.ID))
	}
	if more := len(keys) - maxWarned; more > 0 {
		fmt.Fprintf(&b, "\nAnd %d more.\n", more)
	}
	b.WriteString("\nOpen a key’s page to extend it or to rotate its secret. You get this email 14 days, 7 days " +
		"and 1 day before a key expires.\n")
	return b.String()
}

// inDays returns a time from now in days, rounded up: "in 7 days".
func inDays(d time.Duration) string {
	const day = 24 * time.Hour
	return "in " + days(max(1, int((d+day-1)/day)))
}
