package httpguard

import (
	"net/http"
	"net/netip"
	"strings"
)

// ClientIP returns a function that returns the IP of a request's client: the
// peer's or, when the peer is a trusted proxy, the last IP in X-Forwarded-For
// that is not a trusted proxy's. What an untrusted peer sends there is ignored.
// The IP is invalid only if the peer has none.
func ClientIP(trusted []netip.Prefix) func(*http.Request) netip.Addr {
	if len(trusted) == 0 {
		return peerIP
	}
	return proxies(trusted).clientIP
}

func peerIP(r *http.Request) netip.Addr {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	return peer.Addr().Unmap()
}

type proxies []netip.Prefix

// clientIP reads X-Forwarded-For from its end, which the nearest proxy wrote.
// When all IPs are trusted, the first is the client's. When one is not an IP,
// the header is ignored.
func (p proxies) clientIP(r *http.Request) netip.Addr {
	peer := peerIP(r)
	ip := peer
	forwarded := strings.Split(strings.Join(r.Header["X-Forwarded-For"], ","), ",")
	for i := len(forwarded) - 1; i >= 0 && p.trust(ip); i-- {
		next, ok := parseForwarded(forwarded[i])
		if !ok {
			return peer
		}
		ip = next
	}
	return ip
}

func (p proxies) trust(ip netip.Addr) bool {
	for _, network := range p {
		if network.Contains(ip) {
			return true
		}
	}
	return false
}

func parseForwarded(text string) (netip.Addr, bool) {
	text = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text), "["), "]")
	ip, err := netip.ParseAddr(text)
	return ip.Unmap(), err == nil && ip.Zone() == ""
}
