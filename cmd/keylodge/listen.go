package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
)

// port is an open port, and the base URL at which people reach it.
type port struct {
	net.Listener
	base *url.URL
}

// listen opens the port. Without a base URL, that is http://localhost and the
// port. It runs before the database is opened, so that a port in use leaves no
// new database behind.
func listen(ctx context.Context, addr string, base *url.URL) (port, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return port{}, fmt.Errorf("can't listen at %s: %w", addr, err)
	}
	if base == nil {
		number := listener.Addr().(*net.TCPAddr).Port
		base = &url.URL{Scheme: "http", Host: net.JoinHostPort("localhost", strconv.Itoa(number))}
	}
	return port{listener, base}, nil
}

// refuseClear returns an errUsage if other machines could send passwords and
// secrets without TLS.
func (c serverFlags) refuseClear(base *url.URL) error {
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return errUsage{fmt.Sprintf("--addr %s is not HOST:PORT", c.Addr)}
	}
	ip, _ := netip.ParseAddr(host)
	if host == "localhost" || ip.IsLoopback() || len(c.TrustedProxies) > 0 || base != nil && base.Scheme == "https" {
		return nil
	}
	return errUsage{fmt.Sprintf("--addr %s accepts other machines, and their passwords and secrets would travel "+
		"without TLS; put a TLS proxy in front and set --base-url https://… or --trusted-proxies", c.Addr)}
}
