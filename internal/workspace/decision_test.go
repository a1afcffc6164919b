package workspace

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// faults are all that can be wrong with a key, each on its own, in the order in
// which a check tells of them.
var faults = []struct {
	decision Decision
	spoil    func(*KeyStatus, *Limits, *Attempt)
}{
	{DecisionRevoked, func(s *KeyStatus, _ *Limits, _ *Attempt) { s.Revoked = true }},
	{DecisionExpired, func(s *KeyStatus, _ *Limits, a *Attempt) { s.ExpiresAt = a.Now }},
	{DecisionOwnerInactive, func(s *KeyStatus, _ *Limits, _ *Attempt) { s.OwnerActive = false }},
	{DecisionDisabled, func(s *KeyStatus, _ *Limits, _ *Attempt) { s.Disabled = true }},
	{DecisionIPNotAllowed, func(_ *KeyStatus, l *Limits, _ *Attempt) {
		l.Networks = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}
	}},
	{DecisionInsufficientScope, func(_ *KeyStatus, _ *Limits, a *Attempt) { a.Scopes = append(a.Scopes, "another") }},
}

// good is a key that nothing is wrong with, and a check that asks nothing that
// it may not.
func good() (KeyStatus, Limits, Attempt) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	return KeyStatus{OwnerActive: true, OwnerRole: RoleDeveloper, ExpiresAt: now.Add(time.Microsecond)},
		Limits{Scopes: []string{"a", "b", VerifyScope},
			Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
		Attempt{Now: now, Scopes: []string{"b", VerifyScope}, IP: netip.MustParseAddr("192.0.2.255")}
}

// Every set of faults gives the first of them, and no fault gives a valid key.
func TestDecidePrecedence(t *testing.T) {
	for set := range 1 << len(faults) {
		s, l, a := good()
		s.Limits = &l
		want := DecisionValid
		for i := len(faults) - 1; i >= 0; i-- {
			if set>>i&1 == 1 {
				faults[i].spoil(&s, &l, &a)
				want = faults[i].decision
			}
		}
		if got := Decide(s, a); got != want {
			t.Errorf("faults %06b: %s, want %s", set, got, want)
		}
	}
}

// A key that is accepted would be accepted too if its limits were wider or less
// were asked, and one that is refused stays so when they are narrower or more
// is asked.
func TestDecideIsMonotonic(t *testing.T) {
	scopes := []string{"a", "b", "c", VerifyScope}
	networks := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/25"), netip.MustParsePrefix("192.0.2.128/25"),
		netip.MustParsePrefix("2001:db8::/32")}
	ips := []netip.Addr{{}, netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.200"),
		netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("203.0.113.1")}
	random := rand.New(rand.NewPCG(1, 2))
	some := func(all []string) (chosen []string) {
		for _, one := range all {
			if random.IntN(2) == 0 {
				chosen = append(chosen, one)
			}
		}
		return chosen
	}
	for range 20_000 {
		l := Limits{Scopes: some(scopes)}
		for _, n := range networks {
			if random.IntN(3) == 0 {
				l.Networks = append(l.Networks, n)
			}
		}
		s := KeyStatus{OwnerActive: random.IntN(8) > 0, OwnerRole: Roles[random.IntN(len(Roles))], Limits: &l}
		a := Attempt{Now: time.Unix(1, 0), Scopes: some(scopes), IP: ips[random.IntN(len(ips))]}
		before := Decide(s, a)

		wider, less := s, a
		wider.Limits = &Limits{}
		less.Scopes = nil
		if before == DecisionValid && (Decide(wider, a) != DecisionValid || Decide(s, less) != DecisionValid) {
			t.Fatalf("%+v %+v is valid, and not when less narrow", s, a)
		}
		for _, narrower := range []Limits{
			{Scopes: append([]string{"z"}, slices.DeleteFunc(slices.Clone(l.Scopes),
				func(string) bool { return random.IntN(2) == 0 })...), Networks: l.Networks},
			{Scopes: l.Scopes, Networks: []netip.Prefix{netip.MustParsePrefix("255.255.255.255/32")}},
		} {
			if l.Scopes == nil && len(narrower.Scopes) > 0 {
				continue // full access has what no list of scopes says
			}
			narrow := s
			narrow.Limits = &narrower
			if before != DecisionValid && Decide(narrow, a) == DecisionValid {
				t.Fatalf("%+v %+v is %s, and valid when narrower", s, a, before)
			}
		}
	}
}

func TestDecideScopes(t *testing.T) {
	for name, tt := range map[string]struct {
		limits *Limits
		role   Role
		asked  []string
		want   Decision
	}{
		"no limits, nothing asked":          {nil, RoleMember, nil, DecisionValid},
		"full access has any scope":         {nil, RoleMember, []string{"invoices:read"}, DecisionValid},
		"full access of one who may verify": {nil, RoleDeveloper, []string{VerifyScope}, DecisionValid},
		"full access of one who may not":    {nil, RoleMember, []string{VerifyScope}, DecisionInsufficientScope},
		"the scope, but the owner may not": {&Limits{Scopes: []string{VerifyScope}}, RoleAuditor,
			[]string{VerifyScope}, DecisionInsufficientScope},
		"the scope": {&Limits{Scopes: []string{VerifyScope}}, RoleAdmin,
			[]string{VerifyScope}, DecisionValid},
		"another scope": {&Limits{Scopes: []string{"a"}}, RoleOwner, []string{"b"},
			DecisionInsufficientScope},
		"one of two": {&Limits{Scopes: []string{"a"}}, RoleOwner, []string{"a", "b"},
			DecisionInsufficientScope},
		"part of a scope's name": {&Limits{Scopes: []string{"ab"}}, RoleOwner, []string{"a"},
			DecisionInsufficientScope},
		"in another case": {&Limits{Scopes: []string{"a"}}, RoleOwner, []string{"A"},
			DecisionInsufficientScope},
	} {
		if got := Decide(KeyStatus{OwnerActive: true, OwnerRole: tt.role, Limits: tt.limits},
			Attempt{Scopes: tt.asked}); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}
