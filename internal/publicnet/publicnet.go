// Package publicnet connects to servers that a user chose, but not to IPs that
// only this machine or its network can reach.
package publicnet

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// ErrRefused means that the dialer does not connect to this IP.
var ErrRefused = errors.New("the IP is not public")

// Dialer returns a dialer that connects to public IPs only, within a timeout.
// With private it connects to this machine and private networks too. It checks
// the IP that a name resolved to.
func Dialer(timeout time.Duration, private bool) *net.Dialer {
	return dialer(timeout, func(a netip.Addr) bool { return mayCall(a, private) })
}

// Loopback returns a dialer that connects to this machine only, within a
// timeout.
func Loopback(timeout time.Duration) *net.Dialer {
	return dialer(timeout, func(a netip.Addr) bool { return a.Unmap().IsLoopback() })
}

func dialer(timeout time.Duration, may func(netip.Addr) bool) *net.Dialer {
	return &net.Dialer{Timeout: timeout, Control: func(_, address string, _ syscall.RawConn) error {
		a, err := netip.ParseAddrPort(address)
		if err != nil || !may(a.Addr()) {
			return ErrRefused
		}
		return nil
	}}
}

// special are networks that are not public, though [netip.Addr.IsPrivate] is
// false for them (RFC 6890 and its registries).
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("3fff::/20"),
	netip.MustParsePrefix("5f00::/16"),
}

// mayCall reports whether a dialer may connect to an IP. A link-local one is
// never allowed: clouds serve credentials there.
func mayCall(a netip.Addr, private bool) bool {
	a = a.Unmap().WithZone("")
	switch {
	case !a.IsValid() || a.IsUnspecified() || a.IsMulticast() || a.IsLinkLocalUnicast():
		return false
	case private:
		return true
	}
	return a.IsGlobalUnicast() && !a.IsPrivate() &&
		!slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}
