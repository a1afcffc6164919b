package workspace

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/secret"
)

// Limits narrow what a key may do below what its owner may. The zero Limits
// narrow nothing.
type Limits struct {
	Scopes   []string       // sorted, each once; nil: full access, all that the owner may do
	Networks []netip.Prefix // sorted; the networks that it may be used from; nil: any
	Rate     ratelimit.Rate // on each node; zero: no limit
}

const (
	maxScopes   = 50
	maxNetworks = 50
)

// scopeShape is a scope-token (RFC 6749 section 3.3) of at most 64 characters.
var scopeShape = regexp.MustCompile(`^[\x21\x23-\x5b\x5d-\x7e]{1,64}$`)

// ValidScope reports whether a text can be a scope: 1 to 64 printable ASCII
// characters but space, " and \ (RFC 6749 section 3.3).
func ValidScope(scope string) bool { return scopeShape.MatchString(scope) }

// VerifyScope lets a key verify other keys of its workspace.
const VerifyScope = "keys:verify"

// OwnScopes are those that mean something to Keylodge itself: a key has one
// only while its owner has the permission.
var OwnScopes = []OwnScope{
	{NamedScope{Name: "keys:read", Description: "While its owner may see keys"}, PermitSeeOwnKeys},
	{NamedScope{Name: "keys:write", Description: "While its owner may add keys"}, PermitAddKeys},
	{NamedScope{Name: VerifyScope, Description: "Ask whether other keys are good"}, PermitVerifyKeys},
	{NamedScope{Name: "members:read", Description: "While its owner may see the members"}, PermitSeeMembers},
	{NamedScope{Name: "audit-events:read", Description: "While its owner may see the audit log"}, PermitSeeAuditLog},
}

// OwnScope is a scope of Keylodge's own.
type OwnScope struct {
	NamedScope
	Permission Permission
}

// ownScopes are OwnScopes by name.
var ownScopes = func() map[string]Permission {
	all := map[string]Permission{}
	for _, s := range OwnScopes {
		all[s.Name] = s.Permission
	}
	return all
}()

// reservedScopes begin the names of scopes that are Keylodge's own to give a
// meaning.
var reservedScopes = []string{"keys:", "members:", "workspace:", "service-accounts:", "audit-events:"}

// ParseScopes sorts scopes and drops repetitions. The message is empty when
// they are good.
func ParseScopes(scopes []string) (clean []string, message string) {
	for _, scope := range scopes {
		reserved := slices.ContainsFunc(reservedScopes, func(r string) bool { return strings.HasPrefix(scope, r) })
		_, own := ownScopes[scope]
		switch {
		case len(secret.Find(scope)) > 0:
			return nil, "There is a key in this scope. Scopes are for everybody to see."
		case !ValidScope(scope):
			return nil, "A scope is 1 to 64 letters, digits and signs, without spaces, quotation marks and backslashes."
		case reserved && !own:
			prefix, _, _ := strings.Cut(scope, ":")
			return nil, "Scopes that begin with " + prefix + ": are Keylodge’s own, and it has no “" + scope + "”."
		}
	}
	clean = slices.Compact(slices.Sorted(slices.Values(scopes)))
	if len(clean) > maxScopes {
		return nil, "A key has at most 50 scopes."
	}
	return clean, ""
}

// ParseNetworks reads networks in CIDR form and single IPs, IPv4 and
// IPv6. Networks that lie within another of them are dropped. The message is
// empty when they are good.
func ParseNetworks(texts []string) (networks []netip.Prefix, message string) {
	var all []netip.Prefix
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if ip, ipErr := netip.ParseAddr(text); ipErr == nil && ip.Zone() == "" {
			p, err = netip.PrefixFrom(ip, ip.BitLen()), nil
		}
		if err != nil {
			return nil, "Give an address or a network, such as 192.0.2.7 or 2001:db8::/32."
		}
		if p.Addr().Is4In6() {
			return nil, "Give IPv4 addresses as they are, without ::ffff: before them."
		}
		if p != p.Masked() {
			return nil, p.String() + " is an address within a network. Did you mean " + p.Masked().String() + "?"
		}
		all = append(all, p)
	}
	slices.SortFunc(all, netip.Prefix.Compare)
	for _, p := range slices.Compact(all) {
		if !slices.ContainsFunc(networks, func(wider netip.Prefix) bool { return wider.Overlaps(p) }) {
			networks = append(networks, p)
		}
	}
	if len(networks) > maxNetworks {
		return nil, "A key is bound to at most 50 networks."
	}
	return networks, ""
}

// grants reports whether a key with these limits has a scope. owner is the role
// of its owner. Nil limits are the zero Limits.
func (l *Limits) grants(scope string, owner Role) bool {
	if permission, own := ownScopes[scope]; own && !owner.May(permission) {
		return false
	}
	return l == nil || l.Scopes == nil || slices.Contains(l.Scopes, scope)
}

// allowsFrom reports whether a key may be used from an IP. An IP that
// is not known is in no network.
func (l *Limits) allowsFrom(ip netip.Addr) bool {
	return l == nil || l.Networks == nil ||
		slices.ContainsFunc(l.Networks, func(p netip.Prefix) bool { return p.Contains(ip) })
}
