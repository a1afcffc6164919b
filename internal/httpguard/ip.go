package httpguard

import (
	"net/http"
	"net/netip"
	"strings"
)

// ClientIP returns the function that tells the IP of a request's client: the
// peer or, where the peer is a trusted proxy, the nearest IP in X-Forwarded-For
// that is none. What an untrusted peer sends there is ignored. The IP is
// invalid only where the peer has none.
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

// clientIP walks X-Forwarded-For from its end, which the nearest proxy wrote.
// Where all IPs are trusted the first is the client's. A value that is no IP
// spoils the header: the client is the peer.
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
