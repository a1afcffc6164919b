package templates

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/workspace"
)

// fewScopes is how many scopes a row of the list names.
const fewScopes = 2

// limitsInShort describes limits in a line: "invoices:read, invoices:write +3 ·
// 2 networks · 100/1m". It returns "" for a key with full access from anywhere.
func limitsInShort(l workspace.Limits) string {
	var parts []string
	switch more := len(l.Scopes) - fewScopes; {
	case more > 0:
		parts = append(parts, fmt.Sprintf("%s +%d", strings.Join(l.Scopes[:fewScopes], ", "), more))
	case l.Scopes != nil:
		parts = append(parts, strings.Join(l.Scopes, ", "))
	}
	switch len(l.Networks) {
	case 0:
	case 1:
		parts = append(parts, network(l.Networks[0]))
	default:
		parts = append(parts, plural(len(l.Networks), "network"))
	}
	if l.Rate != (ratelimit.Rate{}) {
		parts = append(parts, l.Rate.String())
	}
	return strings.Join(parts, " · ")
}

// limitsInFull describes all limits: "Restricted to invoices:read · from
// 192.0.2.0/24 · 100/1m on each node".
func limitsInFull(l workspace.Limits) string {
	text := "Full access"
	if l.Scopes != nil {
		text = "Restricted to " + strings.Join(l.Scopes, ", ")
	}
	if l.Networks != nil {
		var from []string
		for _, p := range l.Networks {
			from = append(from, network(p))
		}
		text += " · from " + strings.Join(from, ", ")
	}
	if l.Rate != (ratelimit.Rate{}) {
		text += " · " + l.Rate.String() + " on each node"
	}
	return text
}

// network returns a network in CIDR notation, or the IP if it is a single one.
func network(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}
