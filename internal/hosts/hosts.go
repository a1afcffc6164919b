// Package hosts distinguishes an installation's base host from the hosts of its
// workspaces.
package hosts

import (
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Base is the base host of an installation. The hosts of its workspaces are
// SLUG.BASE; any other name, such as the machine's IP, counts as the base host.
type Base struct {
	URL    *url.URL // scheme and host
	suffix string   // "." and the base host's name, as hostName returns it
}

// NewBase returns the base host that a URL names.
func NewBase(u *url.URL) Base {
	name, _ := hostName(u.Host)
	return Base{URL: u, suffix: "." + name}
}

// NoWorkspace is a slug that no workspace has, because no slug begins with "-".
const NoWorkspace = "-"

// Slug returns the slug in a request's host, "" for the base host, and
// [NoWorkspace] for a host that is malformed.
func (b Base) Slug(host string) string {
	name, ok := hostName(host)
	if !ok {
		return NoWorkspace
	}
	if slug, found := strings.CutSuffix(name, b.suffix); found {
		return slug
	}
	return ""
}

// IsHTTPS reports whether the installation is reached by https.
func (b Base) IsHTTPS() bool { return b.URL.Scheme == "https" }

// ValidRequest reports whether a request names its host in a way that every
// proxy reads the same. A request without a host, as HTTP/1.0 allows, is valid.
func ValidRequest(r *http.Request) bool {
	return Valid(r.Host) && r.URL.User == nil // RFC 9110 section 4.2.4
}

// Valid reports whether text is a well-formed Host field: a name or an IP, and
// at most one port. Empty is well-formed.
func Valid(text string) bool {
	_, ok := hostName(text)
	return ok
}

// hostName returns the name in a Host field (RFC 9110 section 7.2) in lower
// case, without the port and the one dot that may end a name. It returns false
// when the field is malformed: a second port or dot, an empty label, an escape,
// or a character that no host name has. Internationalized names must be in
// their ASCII form.
func hostName(host string) (name string, ok bool) {
	if host == "" {
		return "", true
	}
	name, port, hasPort := strings.Cut(host, ":")
	if strings.HasPrefix(host, "[") {
		end := strings.IndexByte(host, ']') + 1
		name, port = host[:end], host[end:]
		if port, hasPort = strings.CutPrefix(port, ":"); !isIPv6(name) || !hasPort && port != "" {
			return "", false
		}
	} else if name = strings.TrimSuffix(name, "."); !isDomain(name) {
		return "", false
	}
	if hasPort && !isPort(port) {
		return "", false
	}
	return strings.ToLower(name), true
}

// isIPv6 reports whether text is an IPv6 address in brackets, without a zone.
func isIPv6(text string) bool {
	if len(text) < 2 {
		return false
	}
	ip, err := netip.ParseAddr(text[1 : len(text)-1])
	return err == nil && ip.Is6() && ip.Zone() == ""
}

// isDomain reports whether every label of a name is 1 to 63 letters, digits,
// "-" and "_". Container names have "_".
func isDomain(name string) bool {
	if len(name) > 253 {
		return false
	}
	label := 0
	for i := range len(name) {
		switch c := name[i]; {
		case c == '.' && label > 0:
			label = 0
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-', c == '_':
			label++
		default:
			return false
		}
		if label > 63 {
			return false
		}
	}
	return label > 0
}

// isPort reports whether text is a port, or empty (RFC 3986 section 3.2.3).
func isPort(text string) bool {
	if text == "" {
		return true
	}
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}

// Origin returns the scheme and host of the workspace with a slug; "" is the
// base host, which serves every key.
func (b Base) Origin(slug string) string {
	if slug == "" {
		return b.URL.Scheme + "://" + b.URL.Host
	}
	return b.URL.Scheme + "://" + slug + "." + b.URL.Host
}

// Suffix returns what follows a slug in the host of a workspace, with the port.
func (b Base) Suffix() string { return "." + b.URL.Host }
