package templates

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/workspace"
)

func TestLimitsAreTold(t *testing.T) {
	networks := func(texts ...string) (all []netip.Prefix) {
		for _, text := range texts {
			all = append(all, netip.MustParsePrefix(text))
		}
		return all
	}
	rate := ratelimit.Rate{Requests: 100, Window: time.Minute}
	for _, tt := range []struct {
		limits      workspace.Limits
		short, full string
	}{
		{workspace.Limits{}, "", "Full access"},
		{workspace.Limits{Scopes: []string{"a"}}, "a", "Restricted to a"},
		{workspace.Limits{Scopes: []string{"a", "b"}}, "a, b", "Restricted to a, b"},
		{workspace.Limits{
			Scopes: []string{"a", "b", "c", "d"}, Rate: rate,
		}, "a, b +2 · 100/1m", "Restricted to a, b, c, d · 100/1m on each node"},
		{workspace.Limits{Networks: networks("192.0.2.7/32")}, "192.0.2.7", "Full access · from 192.0.2.7"},
		{workspace.Limits{Networks: networks("2001:db8::/32")}, "2001:db8::/32", "Full access · from 2001:db8::/32"},
		{workspace.Limits{Scopes: []string{"a"}, Networks: networks("192.0.2.0/24", "2001:db8::1/128"), Rate: rate},
			"a · 2 networks · 100/1m", "Restricted to a · from 192.0.2.0/24, 2001:db8::1 · 100/1m on each node"},
		{workspace.Limits{Rate: rate}, "100/1m", "Full access · 100/1m on each node"},
	} {
		if got := limitsInShort(tt.limits); got != tt.short {
			t.Errorf("%+v in short: %q, want %q", tt.limits, got, tt.short)
		}
		if got := limitsInFull(tt.limits); got != tt.full {
			t.Errorf("%+v in full: %q, want %q", tt.limits, got, tt.full)
		}
	}
}

// TestRestrictionsAreFoldedUntilTheyMatter looks for <details open>.
func TestRestrictionsAreFoldedUntilTheyMatter(t *testing.T) {
	for name, c := range map[string]struct {
		form KeyForm
		open bool
	}{
		"an empty form":        {KeyForm{}, false},
		"full access":          {KeyForm{Access: "full"}, false},
		"another field wrong":  {KeyForm{Access: "full", Errors: workspace.Fields{"name": "x"}}, false},
		"restricted":           {KeyForm{Access: "restricted"}, true},
		"scopes":               {KeyForm{Scope: "a"}, true},
		"addresses":            {KeyForm{AllowFrom: "::1"}, true},
		"a rate":               {KeyForm{RateLimit: "1/1s"}, true},
		"a key was taken away": {KeyForm{Errors: workspace.Fields{"rate_limit": "x"}}, true},
	} {
		c.form.Layout = frame
		if got := render(t, KeyAddDialog(c.form)); strings.Contains(got, "<details open>") != c.open {
			t.Errorf("%s: open or not: %v", name, !c.open)
		}
	}
}

func TestDisabledIsSaidWhereItMatters(t *testing.T) {
	for name, c := range map[string]struct {
		state workspace.KeyState
		key   workspace.ListedKey
		badge bool
	}{
		"active": {workspace.KeyActive, key, true}, "expired": {workspace.KeyExpired, key, false},
		"revoked": {workspace.KeyRevoked, revokedKey, false},
	} {
		if got := render(t, KeyList(keysIn(c.state, c.key))); strings.Contains(got, ">Disabled</time>") != c.badge {
			t.Errorf("%s: a badge or not: %v", name, !c.badge)
		}
	}
}
