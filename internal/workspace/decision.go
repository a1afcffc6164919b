package workspace

import (
	"net/netip"
	"time"
)

// Decision is the answer to "may this key be used now, for this, from there?".
// Its text is the code of POST /api/v1/verify.
type Decision string

// The decisions. Every one but DecisionValid is a refusal.
const (
	DecisionValid             Decision = "valid"
	DecisionMalformed         Decision = "malformed"          // not a key: wrong shape or checksum, or several at once
	DecisionNotFound          Decision = "not_found"          // well-formed, but no key of this workspace
	DecisionRevoked           Decision = "revoked"            // for good
	DecisionExpired           Decision = "expired"            // past its date
	DecisionOwnerInactive     Decision = "owner_inactive"     // the owner is deactivated or no longer a member
	DecisionDisabled          Decision = "disabled"           // the key, or its whole workspace, until it is enabled again
	DecisionIPNotAllowed      Decision = "ip_not_allowed"     // used from outside of its networks
	DecisionInsufficientScope Decision = "insufficient_scope" // lacks a scope that was asked for
	DecisionRateLimited       Decision = "rate_limited"       // used more often than its rate allows
)

// Decisions lists what a check of a known key may come to: the usual one first,
// then the refusals in the order of [Decide].
var Decisions = [...]Decision{
	DecisionValid, DecisionRevoked, DecisionExpired, DecisionOwnerInactive, DecisionDisabled, DecisionIPNotAllowed,
	DecisionInsufficientScope, DecisionRateLimited,
}

// Standing is what is known of a key at the moment of a check.
type Standing struct {
	Revoked     bool
	Disabled    bool      // the key, or its workspace
	ExpiresAt   time.Time // zero: never
	Ended       bool      // past its date, whatever the clock says
	OwnerActive bool
	OwnerRole   Role
	Limits      *Limits
}

// Ask is what a check asks of a key.
type Ask struct {
	Now     time.Time
	Scopes  []string   // all of which it must have
	Address netip.Addr // where it is used; the zero Addr is not known
}

// Decide says whether a key in this standing may be used as asked, but for its
// rate. When several things are wrong, what can be mended least comes first:
// the key's own end, then its owner's, then what somebody can switch back on,
// and last what another request might meet.
func Decide(s Standing, a Ask) Decision {
	switch {
	case s.Revoked:
		return DecisionRevoked
	case s.Ended || !s.ExpiresAt.IsZero() && !a.Now.Before(s.ExpiresAt):
		return DecisionExpired
	case !s.OwnerActive:
		return DecisionOwnerInactive
	case s.Disabled:
		return DecisionDisabled
	case !s.Limits.allowsFrom(a.Address):
		return DecisionIPNotAllowed
	}
	for _, scope := range a.Scopes {
		if !s.Limits.grants(scope, s.OwnerRole) {
			return DecisionInsufficientScope
		}
	}
	return DecisionValid
}
