package workspace

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"
)

// KeyFilter narrows a list of keys. The zero KeyFilter narrows nothing.
type KeyFilter struct {
	Text     string // in the name, the hint, the id, or the owner's name or email
	Owner    string // a user's id
	Access   string // "full" or "restricted"
	Unused   string // for so many days, such as "90"; "ever" for never used
	Expiring string // within so many days, such as "14"; "never" for no end
	Weak     string // "owners" for keys whose owner signs in without a second factor
	Sort     KeyOrder
}

// IsZero reports whether the filter narrows nothing.
func (f KeyFilter) IsZero() bool { return f == KeyFilter{Sort: f.Sort} }

// maxFilterText is how many bytes of a text are looked for: enough for any
// name.
const maxFilterText = MaxName * utf8.UTFMax

// clean returns the filter without the values that are not valid.
func (f KeyFilter) clean() KeyFilter {
	f.Text = Clip(strings.TrimSpace(f.Text), maxFilterText)
	if f.Access != "full" && f.Access != "restricted" {
		f.Access = ""
	}
	if daysOf(f.Unused) == 0 && f.Unused != "ever" {
		f.Unused = ""
	}
	if f.Weak != "owners" {
		f.Weak = ""
	}
	f.Sort = f.Sort.clean()
	if daysOf(f.Expiring) == 0 && f.Expiring != "never" {
		f.Expiring = ""
	}
	return f
}

// daysOf reads a number of days, and returns 0 when text is not one.
func daysOf(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLifetimeDays {
		return 0
	}
	return n
}

// narrow puts the filter into a query.
func (f KeyFilter) narrow(ctx context.Context, r Reader, q *KeyQuery) error {
	q.FullAccess, q.Restricted, q.Owner = f.Access == "full", f.Access == "restricted", f.Owner
	q.WeakOwner = f.Weak != ""
	if q.Order = f.Sort; q.Order == SortByState {
		q.Order = f.defaultOrder()
	}
	q.NeverUsed, q.NeverExpires = f.Unused == "ever", f.Expiring == "never"
	if n := daysOf(f.Unused); n > 0 {
		q.UnusedSince = q.Now.AddDate(0, 0, -n)
	}
	if n := daysOf(f.Expiring); n > 0 {
		q.ExpiresBefore = q.Now.AddDate(0, 0, n)
	}
	if q.Text = strings.ToLower(f.Text); q.Text != "" {
		owners, err := r.Members(ctx, MemberFilter{WorkspaceID: q.WorkspaceID, Like: q.Text, Limit: 50})
		for _, m := range owners {
			q.OwnersLike = append(q.OwnersLike, m.UserID)
		}
		return err
	}
	return nil
}

// KeySearch is the text in which KeyFilter.Text is looked for, in lower case.
func (k Key) KeySearch() string { return strings.ToLower(k.Name + " " + k.Hint + " " + k.ID) }
