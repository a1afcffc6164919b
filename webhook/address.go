package webhook

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

// errPrivate is an address that a webhook may not have.
var errPrivate = errors.New("the address is not a public one")

// dialer connects to public addresses only, unless private. It looks at the address that a name has been resolved to.
func dialer(private bool) *net.Dialer {
	return &net.Dialer{Timeout: sendLimit, Control: func(_, address string, _ syscall.RawConn) error {
		a, err := netip.ParseAddrPort(address)
		if err != nil || !mayCall(a.Addr(), private) {
			return errPrivate
		}
		return nil
	}}
}

// special are networks that are neither private in [netip.Addr]'s words nor of the public (RFC 6890 and the registries that it begins).
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("3fff::/20"), netip.MustParsePrefix("5f00::/16"),
}

// mayCall says whether a message may go to an address. None goes to a link-local one, where clouds tell their secrets to whoever asks.
func mayCall(a netip.Addr, private bool) bool {
	a = a.Unmap().WithZone("")
	switch {
	case !a.IsValid() || a.IsUnspecified() || a.IsMulticast() || a.IsLinkLocalUnicast():
		return false
	case private:
		return true
	}
	return a.IsGlobalUnicast() && !a.IsPrivate() && !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}
