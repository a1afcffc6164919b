package workspace

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// KeyPolicy limits the new keys of a workspace. The zero KeyPolicy does not.
// Existing keys stay as they are, and the operator is not bound by it.
type KeyPolicy struct {
	MaxDays     int            `json:"max_days,omitempty"`     // how long a key may live; 0: forever
	DefaultDays int            `json:"default_days,omitempty"` // what the form offers first; 0: the longest
	NeedName    bool           `json:"need_name,omitempty"`
	FullAccess  FullAccess     `json:"full_access,omitempty"`
	Networks    []netip.Prefix `json:"within,omitempty"`   // where keys may be used from; nil: anywhere
	MaxKeys     int            `json:"max_keys,omitempty"` // that are not revoked, of one owner; 0: any number
}

// FullAccess is who may add keys without scopes, which may do everything that
// their owner may.
type FullAccess string

// Who may add keys with full access.
const (
	FullAccessForAll      FullAccess = ""
	FullAccessForManagers FullAccess = "managers" // members who may manage members
	FullAccessForNobody   FullAccess = "nobody"
)

// FullAccesses lists the values of FullAccess that people choose from.
var FullAccesses = []Choice{
	{string(FullAccessForAll), "Everybody"},
	{string(FullAccessForManagers), "Admins"},
	{string(FullAccessForNobody), "Nobody"},
}

const maxMaxKeys = 100_000

// KeyPolicyForm is a key policy as it is typed. Empty numbers are no limit.
type KeyPolicyForm struct {
	MaxDays, DefaultDays, MaxKeys string
	FullAccess                    string
	NeedName                      bool
	Networks                      []string // see ParseNetworks
}

// Parse returns the policy, or an [Error] of kind Invalid with the fields
// max_days, default_days, full_access, within and max_keys.
func (f KeyPolicyForm) Parse() (KeyPolicy, error) {
	p, wrong := KeyPolicy{NeedName: f.NeedName, FullAccess: FullAccess(f.FullAccess)}, invalid{}
	number := func(field, text string, most int) int {
		n, err := strconv.Atoi(text)
		if text != "" && (err != nil || n < 1 || n > most) {
			wrong.add(field, fmt.Sprintf("Give a whole number from 1 to %d, or nothing.", most))
		}
		return n
	}
	p.MaxDays = number("max_days", f.MaxDays, maxLifetimeDays)
	p.DefaultDays = number("default_days", f.DefaultDays, maxLifetimeDays)
	p.MaxKeys = number("max_keys", f.MaxKeys, maxMaxKeys)
	if p.MaxDays > 0 && p.DefaultDays > p.MaxDays {
		wrong.add("default_days", "This is longer than a key may live.")
	}
	if !slices.ContainsFunc(FullAccesses, func(c Choice) bool { return c.Value == f.FullAccess }) {
		wrong.add("full_access", "Choose one of these.")
	}
	var message string
	p.Networks, message = ParseNetworks(f.Networks)
	wrong.add("within", message)
	return p, wrong.err()
}

// SetKeyPolicy sets the key policy of the actor's workspace.
func (s *Service) SetKeyPolicy(ctx context.Context, actor Actor, p KeyPolicy) error {
	return s.act(ctx, actor, PermitManagePolicies, func(tx Tx, a *act) error {
		a.record(ActionKeyPolicySet, actor.WorkspaceID, map[string]string{
			"max_days":     strconv.Itoa(p.MaxDays),
			"default_days": strconv.Itoa(p.DefaultDays),
			"max_keys":     strconv.Itoa(p.MaxKeys),
			"need_name":    strconv.FormatBool(p.NeedName),
			"full_access":  string(p.FullAccess),
			"within":       fmt.Sprint(p.Networks),
		})
		return tx.UpdateWorkspace(ctx, actor.WorkspaceID, WorkspaceUpdate{KeyPolicy: &p})
	})
}

// check limits a key to the networks of the policy, and returns what else the
// policy does not allow. owned is how many other keys the owner has.
func (p KeyPolicy) check(k *Key, who authority, owned int) error {
	wrong := invalid{}
	if p.NeedName && k.Name == "" {
		wrong.add("name", "Keys must have a name here. Say what it is for.")
	}
	latest := k.CreatedAt.AddDate(0, 0, p.MaxDays).Add(time.Minute)
	if p.MaxDays > 0 && (k.ExpiresAt.IsZero() || k.ExpiresAt.After(latest)) {
		wrong.add("expires", "Keys live at most "+days(p.MaxDays)+" here.")
	}
	if k.Limits.Scopes == nil && !p.FullAccess.allows(who) {
		wrong.add("access", "You may not make keys with full access here. Restrict it to scopes.")
	}
	if p.Networks != nil {
		if k.Limits.Networks == nil {
			k.Limits.Networks = p.Networks
		}
		for _, network := range k.Limits.Networks {
			if !within(network, p.Networks) {
				wrong.add("allow_from", network.String()+" is not within the networks that keys may be used from here.")
			}
		}
	}
	if p.MaxKeys > 0 && owned >= p.MaxKeys {
		wrong.add("owner", fmt.Sprintf("Nobody may have more than %d keys here. "+
			"Revoke one that is no longer needed first.", p.MaxKeys))
	}
	return wrong.err()
}

func (f FullAccess) allows(who authority) bool {
	return f == FullAccessForAll || f == FullAccessForManagers && who.may(PermitManageMembers)
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return strconv.Itoa(n) + " days"
}
