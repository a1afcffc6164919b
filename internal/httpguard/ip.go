package web

import (
	"net"
	"net/http"
	"net/netip"

	"github.com/labstack/echo/v4"
)

// addressOf tells where a request comes from: the peer, or whom a trusted proxy
// names in X-Forwarded-For. What anybody else says of themselves is not
// believed.
type addressOf struct {
	direct bool
	echo   echo.IPExtractor
}

func newAddressOf(trusted []netip.Prefix) addressOf {
	if len(trusted) == 0 {
		return addressOf{direct: true, echo: echo.ExtractIPDirect()}
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range trusted {
		p = p.Masked()
		bits := p.Addr().BitLen()
		options = append(options, echo.TrustIPRange(&net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), bits)}))
	}
	return addressOf{echo: echo.ExtractIPFromXFFHeader(options...)}
}

// of returns the address, which is invalid only when the peer has none.
func (a addressOf) of(r *http.Request) netip.Addr {
	if a.direct {
		peer, _ := netip.ParseAddrPort(r.RemoteAddr)
		return peer.Addr().Unmap()
	}
	address, _ := netip.ParseAddr(a.echo(r))
	return address.Unmap()
}
