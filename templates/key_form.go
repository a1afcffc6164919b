package templates

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/keylodge/keylodge/internal/workspace"
)

// KeyForm is the form for a new key, each field as it was typed. Expires is
// "never", "30d", "90d" or "date"; ExpiresAt is the date's own field,
// YYYY-MM-DDTHH:MM in UTC. Access is "full" or "restricted"; Scope is what it
// is restricted to.
type KeyForm struct {
	Layout
	Name      string
	Expires   string
	ExpiresAt string
	Access    string
	Scope     string   // with spaces between several
	Templates []string // of scopes, by name
	Catalog   workspace.ScopeCatalog
	AllowFrom string
	RateLimit string
	Owner     string                   // a service account's id, or empty
	Owners    []workspace.ListedMember // service accounts that the viewer may choose
	Nonce     string
	Prove     bool // full access requires the password again
	Errors    workspace.Fields
}

// NetworkLines returns networks as their field has them, one per line.
func NetworkLines(all []netip.Prefix) string {
	var texts []string
	for _, p := range all {
		texts = append(texts, network(p))
	}
	return strings.Join(texts, "\n")
}

// restricts reports whether the form restricts the key or has errors in a
// restriction.
func (f KeyForm) restricts() bool {
	return f.Access == "restricted" || f.Scope+f.AllowFrom+f.RateLimit != "" || len(f.Templates) > 0 ||
		slices.ContainsFunc(restrictFields, func(name string) bool { return f.Errors[name] != "" })
}
