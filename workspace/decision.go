package workspace

import "time"

// Decision is the answer to "may this key be used now?". Its text is the code of POST /api/v1/verify.
type Decision string

// The decisions. Every one but DecisionValid is a refusal.
const (
	DecisionValid         Decision = "valid"
	DecisionMalformed     Decision = "malformed"      // not a key: wrong shape or checksum, or several at once
	DecisionNotFound      Decision = "not_found"      // well-formed, but no key of this workspace
	DecisionRevoked       Decision = "revoked"        // for good
	DecisionExpired       Decision = "expired"        // past its date
	DecisionOwnerInactive Decision = "owner_inactive" // the owner is deactivated or no longer a member
)

// Standing is what a decision depends on, gathered by the index at the moment of the check.
type Standing struct {
	Revoked     bool
	ExpiresAt   time.Time // zero: never
	OwnerActive bool
}

// Decide says whether a key in this standing may be used at now. Revoked goes before expired, and expired
// before an inactive owner: the reason that can't be mended comes first.
func Decide(s Standing, now time.Time) Decision {
	switch {
	case s.Revoked:
		return DecisionRevoked
	case !s.ExpiresAt.IsZero() && !now.Before(s.ExpiresAt):
		return DecisionExpired
	case !s.OwnerActive:
		return DecisionOwnerInactive
	}
	return DecisionValid
}
