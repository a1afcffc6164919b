package workspace

import (
	"net/netip"
	"time"

	"github.com/keylodge/keylodge/internal/ratelimit"
)

// KeyJSON is a key as programs read it, the same in the API, exports, webhooks
// and the output of commands. Times are in UTC; null stands for none.
type KeyJSON struct {
	KeySummary
	Hint            string         `json:"hint"`
	State           KeyState       `json:"state"`
	AllowedNetworks []netip.Prefix `json:"allowed_networks"` // null: any
	RateLimit       *RateLimitJSON `json:"rate_limit"`
	CreatedAt       time.Time      `json:"created_at"`
	LastUsed        *LastUsedJSON  `json:"last_used"`
	DisabledAt      *time.Time     `json:"disabled_at"`
	RevokedAt       *time.Time     `json:"revoked_at"`
	RevokedReason   *Reason        `json:"revoked_reason"`
}

// KeyDisabled is the state of an active key that is disabled, in a [KeyJSON].
const KeyDisabled KeyState = "disabled"

// KeySummary is the part of a key that a verification knows.
type KeySummary struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Access    KeyAccess  `json:"access"`
	Scopes    []string   `json:"scopes"` // null: full access
	Owner     OwnerJSON  `json:"owner"`
	Workspace string     `json:"workspace"` // its slug
	ExpiresAt *time.Time `json:"expires_at"`
}

// KeyAccess reports whether a key has scopes.
type KeyAccess string

// The kinds of access.
const (
	AccessFull       KeyAccess = "full" // all that the owner may do
	AccessRestricted KeyAccess = "restricted"
)

// AccessOf returns the access of a key with these scopes.
func AccessOf(scopes []string) KeyAccess {
	if scopes == nil {
		return AccessFull
	}
	return AccessRestricted
}

// OwnerJSON is the owner of a key. Type and Name are left out where they are
// not known.
type OwnerJSON struct {
	ID   string    `json:"id"`
	Type OwnerType `json:"type,omitempty"`
	Name string    `json:"name,omitempty"`
}

// OwnerType reports whether an owner is a person.
type OwnerType string

// The types of owners.
const (
	OwnerUser           OwnerType = "user"
	OwnerServiceAccount OwnerType = "service_account"
)

// OwnerTypeOf returns the type of an owner.
func OwnerTypeOf(serviceAccount bool) OwnerType {
	if serviceAccount {
		return OwnerServiceAccount
	}
	return OwnerUser
}

// RateLimitJSON is the rate limit of a key.
type RateLimitJSON struct {
	Requests      int `json:"requests"`
	WindowSeconds int `json:"window_seconds"`
}

// LastUsedJSON is the last use of a key. IP is empty where it is not known.
type LastUsedJSON struct {
	At    time.Time `json:"at"`
	IP    string    `json:"ip"`
	Agent string    `json:"agent"` // the family of the program, such as "curl"
}

// NewKeyJSON returns a key of the workspace with a slug, in its state at a
// moment.
func NewKeyJSON(k ListedKey, slug string, now time.Time) KeyJSON {
	j := KeyJSON{
		KeySummary: KeySummary{
			ID: k.ID, Name: k.Name, Access: AccessOf(k.Limits.Scopes), Scopes: k.Limits.Scopes,
			Owner:     OwnerJSON{k.OwnerID, OwnerTypeOf(k.OwnerService), k.OwnerName},
			Workspace: slug, ExpiresAt: timeOrNil(k.ExpiresAt),
		},
		Hint: k.Hint, State: k.State(now), AllowedNetworks: k.Limits.Networks, CreatedAt: k.CreatedAt,
		DisabledAt: timeOrNil(k.DisabledAt), RevokedAt: timeOrNil(k.RevokedAt),
	}
	if j.State == KeyActive && !k.DisabledAt.IsZero() {
		j.State = KeyDisabled
	}
	if rate := k.Limits.Rate; rate != (ratelimit.Rate{}) {
		j.RateLimit = &RateLimitJSON{rate.Requests, int(rate.Window / time.Second)}
	}
	if use := k.LastUse; !use.At.IsZero() {
		j.LastUsed = &LastUsedJSON{At: use.At, Agent: use.Agent}
		if use.IP.IsValid() {
			j.LastUsed.IP = use.IP.String()
		}
	}
	if k.RevokedReason != ReasonNone {
		j.RevokedReason = &k.RevokedReason
	}
	return j
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
