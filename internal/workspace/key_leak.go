package workspace

import (
	"context"
	"fmt"
	"github.com/keylodge/keylodge/internal/secret"
	"slices"
	"strings"
	"time"
)

// Leak is a key that was found where others can read it.
type Leak struct {
	Secret secret.Secret
	URL    string // where; empty: not told
	By     string // who told: "GitHub", or the id of the key that they presented
}

// maxLeakURL is how many bytes of a URL are kept.
const maxLeakURL = 500

// ReportLeak revokes a key that has leaked, whichever workspace has it, as
// compromised: whoever reports it could use it, and so may end it. One whose
// revocation could still be undone is revoked anew, for good. A secret that has
// ended before its key takes nothing with it. It returns the key as it then is,
// and whether it was revoked now; [ErrNotFound] when no key ever had the
// secret.
func (s *Service) ReportLeak(ctx context.Context, actor Actor, leak Leak) (key ListedKey, revoked bool, err error) {
	found, err := s.store.Key(ctx, KeyLookup{Digest: leak.Secret.Digest()})
	if err != nil {
		return ListedKey{}, false, err
	}
	actor.Kind, actor.WorkspaceID, actor.UserID = ByReport, found.WorkspaceID, ""
	err = s.actOnKeys(ctx, actor, noPermission, func(tx ChangeTx, a *act) (err error) {
		if key, err = tx.Key(ctx, KeyLookup{WorkspaceID: found.WorkspaceID, ID: found.ID}); err != nil {
			return err
		}
		now := s.clock()
		if ended, err := hasEnded(ctx, tx, key.Key, leak.Secret.Digest(), now); err != nil || ended {
			return changedOr(false, err)
		}
		if err := changedOr(revokeAgain(ctx, tx, key.Key, Revocation{Reason: ReasonCompromised, At: now})); err != nil {
			return err
		}
		revoked = true
		details := keyDetails(key.Key)
		details["reason"], details["reported_by"] = string(ReasonCompromised), leak.By
		details["found_at"] = cleanLeakURL(leak.URL)
		key.RevokedAt, key.RevokedReason, key.RevokedBy = now, ReasonCompromised, ""
		dropped, err := s.tellOfLeak(ctx, tx, key.Key, leak)
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

// hasEnded says whether a digest that a key had is of a secret which no longer
// works: neither its present one nor an old one that does. One that was dropped
// has ended too.
func hasEnded(ctx context.Context, r Reader, key Key, digest secret.Digest, now time.Time) (bool, error) {
	old, err := r.OldSecrets(ctx, key.ID)
	works := key.Digest == digest || slices.ContainsFunc(old,
		func(o OldSecret) bool { return o.Digest == digest && o.works(key, now) })
	return !works, err
}

// cleanLeakURL keeps what can be shown of an address that strangers sent.
func cleanLeakURL(text string) string {
	if len(secret.Find(text)) > 0 {
		return secret.Redacted
	}
	text = strings.ToValidUTF8(strings.Map(printable, text), "")
	return Clip(text, maxLeakURL)
}

// printable drops what is no visible ASCII, which is all that an address has
// (RFC 3986 section 2).
func printable(r rune) rune {
	if r <= ' ' || r > '~' {
		return -1
	}
	return r
}

// tellOfLeak tells the owner of a key that has leaked, the admins of its
// workspace, and its webhook. It returns how many messages were dropped because
// too many wait: the key is revoked all the same.
func (s *Service) tellOfLeak(ctx context.Context, tx Tx, key Key, leak Leak) (dropped int, err error) {
	if s.links.Key == nil {
		return 0, nil
	}
	w, err := tx.Workspace(ctx, WorkspaceLookup{ID: key.WorkspaceID})
	if err != nil { // it may have been deleted
		return 0, whenNotFound(err, nil)
	}
	page := s.links.Key(w, key.ID)
	queued, err := s.tellPrograms(ctx, tx, key.WorkspaceID, HookLeaked, struct {
		Key     hookKey `json:"key"`
		FoundAt string  `json:"found_at"`
	}{hookKeyOf(key, page), cleanLeakURL(leak.URL)})
	if err != nil {
		return 0, err
	}
	if !queued {
		dropped++
	}
	people, err := whoHearsOfLeak(ctx, tx, key)
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

// whoHearsOfLeak returns the admins of a key's workspace, and its owner, by
// email: transactions that count mail to the same people must lock their rows
// in one order.
func whoHearsOfLeak(ctx context.Context, r Reader, key Key) ([]Member, error) {
	people, err := r.MembersByRole(ctx, key.WorkspaceID, []Role{Owner, Admin}, maxTold)
	if err != nil {
		return nil, err
	}
	owner, err := r.Member(ctx, key.WorkspaceID, key.OwnerID)
	if err == nil && owner.Active && !owner.Service && !slices.ContainsFunc(people, func(m Member) bool { return m.UserID == owner.UserID }) {
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
			"See who has used it, and who still tries:\n%s\n\nAdd another key in its place, and look for what was "+
			"done with this one before.\n",
		key.Title(), key.Hint, key.RevokedAt.Format("2 January 2006 at 15:04 MST"), where, page)}
}

// maxTold is how many admins are told of something at most.
const maxTold = 50

// Leaked says whether a key was revoked because somebody reported that it has
// leaked.
func (k Key) Leaked() bool { return k.RevokedReason == ReasonCompromised && k.RevokedBy == "" }
