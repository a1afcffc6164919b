package web

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/workspace"
)

// hosts tells the base host from the workspaces' hosts, which are SLUG.BASE.
// Any other name, such as the machine's IP, counts as the base host.
type hosts struct {
	base   *url.URL
	suffix string // "." and the base host's name, as hostName returns it
}

func newHosts(base *url.URL) hosts {
	name, _ := hostName(base.Host)
	return hosts{base: base, suffix: "." + name}
}

// noSlug is the slug of a host that is malformed. No workspace has it, because
// no slug begins with "-".
const noSlug = "-"

// slug returns the slug in a request's host, "" for the base host, and noSlug
// for a host that is malformed.
func (h hosts) slug(host string) string {
	name, ok := hostName(host)
	if !ok {
		return noSlug
	}
	if slug, found := strings.CutSuffix(name, h.suffix); found {
		return slug
	}
	return ""
}

// errBadHost is the answer to a request whose host could be read in more than
// one way.
var errBadHost = &requestError{http.StatusBadRequest,
	"The host of this request is malformed. Send a host name or an IP, with at most one port."}

// hasGoodHost reports whether a request names its host in a way that every
// proxy reads alike. A request without any host, as HTTP/1.0 allows, has a good
// one.
func hasGoodHost(r *http.Request) bool {
	return IsHost(r.Host) && r.URL.User == nil // RFC 9110 section 4.2.4
}

// IsHost reports whether text is a well-formed Host field: a name or an IP, and
// at most one port. Empty is well-formed.
func IsHost(text string) bool {
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

// origin returns where the API of the workspace at a slug is; "" is the base
// host, which serves every key.
func (h hosts) origin(slug string) string {
	if slug == "" {
		return h.base.Scheme + "://" + h.base.Host
	}
	return h.base.Scheme + "://" + slug + "." + h.base.Host
}

// workspaceSuffix is what follows a slug in a workspace's address.
func (h hosts) workspaceSuffix() string { return "." + h.base.Host }

// errNotSetUp and errWhichWorkspace are what the base host says when it has no
// workspace or several.
var (
	errNotSetUp       = errors.New("there is no workspace yet")
	errWhichWorkspace = errors.New("there are several workspaces")
)

// movedError says that a workspace is at another address now.
type movedError struct{ to workspace.Workspace }

// Error implements error.
func (movedError) Error() string { return "the workspace has moved" }

// workspaceAt returns the workspace of the request's host, or the only one
// there is at the base host. With none yet, or several, it returns errNotSetUp
// or errWhichWorkspace; at an old address of a workspace, a movedError.
func (s *Server) workspaceAt(c echo.Context) (workspace.Workspace, error) {
	ctx := c.Request().Context()
	if slug := s.hosts.slug(c.Request().Host); slug != "" {
		w, err := s.Service.WorkspaceBySlug(ctx, slug)
		if workspace.KindOf(err) == workspace.NotFound {
			if w, movedErr := s.Service.WorkspaceByOldSlug(ctx, slug); movedErr == nil {
				err = movedError{w}
			}
		}
		return w, err
	}
	w, err := s.Service.OnlyWorkspace(ctx)
	switch workspace.KindOf(err) {
	case workspace.NotFound:
		return w, errNotSetUp
	case workspace.Conflict:
		return w, errWhichWorkspace
	}
	return w, err
}
