package workspace

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// Leak is a key that was found where others can read it.
type Leak struct {
	Secret secret.Secret
	URL    string // where; empty: unknown
	By     string // who reported it: "GitHub", or the id of the key that they presented
}

// maxLeakURL is how many bytes of a URL are kept.
const maxLeakURL = 500

// ReportLeak revokes a key that has leaked, in whichever workspace it is, as
// compromised. Anyone who has the secret could use the key, so anyone may
// revoke it. A revocation that could still be undone is made final. A secret
// that no longer works revokes nothing. ReportLeak returns the key and whether
// it revoked it, and [ErrNotFound] when no key ever had the secret.
func (s *Service) ReportLeak(ctx context.Context, actor Actor, leak Leak) (key ListedKey, revoked bool, err error) {
	found, err := s.store.Key(ctx, KeyLookup{Digest: leak.Secret.Digest()})
	if err != nil {
		return ListedKey{}, false, err
	}
	actor.Kind, actor.WorkspaceID, actor.UserID = ActorReport, found.WorkspaceID, ""
	err = s.actOnKeys(ctx, actor, noPermission, func(tx ChangeTx, a *act) (err error) {
		if key, err = tx.Key(ctx, KeyLookup{WorkspaceID: found.WorkspaceID, ID: found.ID}); err != nil {
			return err
		}
		now := s.clock()
		if ended, err := hasEnded(ctx, tx, key.Key, leak.Secret.Digest(), now); err != nil || ended {
			return errUnlessChanged(false, err)
		}
		if err := putRevocation(ctx, tx, key.Key, Revocation{Reason: ReasonCompromised, At: now}); err != nil {
			return err
		}
		revoked = true
		details := keyDetails(key.Key)
		details["reason"], details["reported_by"] = string(ReasonCompromised), leak.By
		details["found_at"] = cleanLeakURL(leak.URL)
		key.RevokedAt, key.RevokedReason, key.RevokedBy = now, ReasonCompromised, ""
		dropped, err := s.queueLeakMessages(ctx, tx, key.Key, leak)
		if err != nil {
			return err
		}
		noteDropped(details, dropped)
		a.record(ActionKeyRevoked, key.ID, details)
		return nil
	})
	if err != nil || !revoked {
		return key, false, err
	}
	key, err = s.store.Key(ctx, KeyLookup{WorkspaceID: key.WorkspaceID, ID: key.ID})
	return key, true, err
}

// hasEnded reports whether a digest is of a secret of the key that no longer
// works: neither its present secret nor an old one that still works.
func hasEnded(ctx context.Context, r Reader, key Key, digest secret.Digest, now time.Time) (bool, error) {
	old, err := r.OldSecrets(ctx, key.ID)
	works := key.Digest == digest || slices.ContainsFunc(old,
		func(o OldSecret) bool { return o.Digest == digest && o.works(key, now) })
	return !works, err
}

// cleanLeakURL returns what can be shown of a URL that a stranger sent.
func cleanLeakURL(text string) string {
	if len(secret.Find(text)) > 0 {
		return secret.Redacted
	}
	text = strings.ToValidUTF8(strings.Map(printable, text), "")
	return Clip(text, maxLeakURL)
}

// printable drops all but visible ASCII, of which URLs consist (RFC 3986
// section 2).
func printable(r rune) rune {
	if r <= ' ' || r > '~' {
		return -1
	}
	return r
}

// queueLeakMessages queues messages to the owner of a key that has leaked, the
// admins of its workspace, and its webhook. It returns how many were dropped
// because too many wait; the key is revoked anyway.
func (s *Service) queueLeakMessages(ctx context.Context, tx Tx, key Key, leak Leak) (dropped int, err error) {
	if s.links.Key == nil {
		return 0, nil
	}
	w, err := tx.Workspace(ctx, WorkspaceLookup{ID: key.WorkspaceID})
	if err != nil { // it may have been deleted
		return 0, whenNotFound(err, nil)
	}
	page := s.links.Key(w, key.ID)
	queued, err := s.queueHook(ctx, tx, key.WorkspaceID, HookLeaked, struct {
		Key     hookKey `json:"key"`
		FoundAt string  `json:"found_at"`
	}{s.hookKeyOf(w, key), cleanLeakURL(leak.URL)})
	if err != nil {
		return 0, err
	}
	if !queued {
		dropped++
	}
	people, err := leakRecipients(ctx, tx, key)
	for _, m := range people {
		if err != nil {
			break
		}
		queued, err = s.mailText(ctx, tx, w.ID, leakMail(m, key, leak, page))
		if !queued {
			dropped++
		}
	}
	return dropped, err
}

// leakRecipients returns the admins of a key's workspace, and its owner, sorted
// by email: transactions that count mail to the same users must lock their rows
// in one order.
func leakRecipients(ctx context.Context, r Reader, key Key) ([]Member, error) {
	people, err := activePeople(ctx, r, key.WorkspaceID, maxRecipients, RoleOwner, RoleAdmin)
	if err != nil {
		return nil, err
	}
	owner, err := r.Member(ctx, key.WorkspaceID, key.OwnerID)
	known := slices.ContainsFunc(people, func(m Member) bool { return m.UserID == owner.UserID })
	if err == nil && owner.Active && !owner.Service && !known {
		people = append(people, owner)
	}
	slices.SortFunc(people, func(a, b Member) int { return strings.Compare(a.Email, b.Email) })
	return people, whenNotFound(err, nil)
}

func leakMail(to Member, key Key, leak Leak, page string) Mail {
	where := ""
	if url := cleanLeakURL(leak.URL); url != "" {
		where = "It was found here:\n" + url + "\n\n"
	}
	return Mail{To: to.Email, Subject: "An API key has leaked and was revoked", Text: fmt.Sprintf(
		"The API key “%s” (%s) was reported as leaked, so it was revoked on %s. Requests with it fail from now "+
			"on.\n\n%s"+
			"See who used it and who still tries to:\n%s\n\nAdd another key in its place, and check what was done "+
			"with this one.\n",
		key.Title(), key.Hint, key.RevokedAt.Format("2 January 2006 at 15:04 MST"), where, page)}
}

// maxRecipients is how many admins get an email about something.
const maxRecipients = 50

// Leaked reports whether a key was revoked because it was reported as leaked.
func (k Key) Leaked() bool { return k.RevokedReason == ReasonCompromised && k.RevokedBy == "" }
