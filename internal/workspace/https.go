package workspace

import (
	"net/url"
	"strings"
)

// IsHTTPS reports whether a URL is https with a host, or http where that is
// allowed and the host is this machine. It has no user and no fragment.
func IsHTTPS(text string, loopbackToo bool) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || loopbackToo && u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	host = strings.ToLower(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "127.0.0.1" || host == "::1"
}
