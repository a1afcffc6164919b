package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/templates"
	"github.com/keylodge/keylodge/workspace"
)

// hosts tells the base host from the workspaces' hosts, which are SLUG.BASE. Any other name, such as the
// machine's address, is taken for the base host; what it can't do is name a workspace.
type hosts struct {
	base   *url.URL
	suffix string // "." and the base host without its port
}

func newHosts(base *url.URL) hosts {
	return hosts{base: base, suffix: "." + base.Hostname()}
}

// slug returns the slug that a request's host names, or "".
func (h hosts) slug(host string) string {
	if port := strings.LastIndexByte(host, ':'); port >= 0 {
		host = host[:port]
	}
	cut := len(host) - len(h.suffix)
	if cut <= 0 || !strings.EqualFold(host[cut:], h.suffix) {
		return ""
	}
	return strings.ToLower(host[:cut])
}

// origin returns where the API of the workspace at a slug is; "" is the base host, which serves every key.
func (h hosts) origin(slug string) string {
	if slug == "" {
		return h.base.Scheme + "://" + h.base.Host
	}
	return h.base.Scheme + "://" + slug + "." + h.base.Host
}

// workspaceSuffix is what follows a slug in a workspace's address.
func (h hosts) workspaceSuffix() string { return "." + h.base.Host }

// errNotSetUp and errWhichWorkspace are what the base host says when it has no workspace or several.
var (
	errNotSetUp       = errors.New("there is no workspace yet")
	errWhichWorkspace = errors.New("there are several workspaces")
)

// movedError says that a workspace is at another address now.
type movedError struct{ to workspace.Workspace }

// Error implements error.
func (movedError) Error() string { return "the workspace has moved" }

// workspaceAt returns the workspace of the request's host, or the only one there is at the base host. With
// none yet, or several, it returns errNotSetUp or errWhichWorkspace; at an old address of a workspace, a movedError.
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

// renderNoWorkspace answers a person at the base host when there is no one workspace to show.
func (s *Server) renderNoWorkspace(c echo.Context, err error) error {
	if moved, ok := errors.AsType[movedError](err); ok {
		to := "/"
		if c.Request().Method == http.MethodGet {
			to = c.Request().URL.RequestURI()
		}
		return c.Redirect(http.StatusTemporaryRedirect, s.hosts.origin(moved.to.Slug)+to)
	}
	switch err {
	case errNotSetUp:
		return s.render(c, http.StatusServiceUnavailable, templates.MessagePage(s.frame(nil, "Not set up yet"), "Not set up yet",
			"Open the set-up link that Keylodge printed when it started. It makes the first workspace.", "", ""))
	case errWhichWorkspace:
		form := templates.FinderForm{}
		if c.QueryParam("password-set") != "" {
			form.Notice = "Your password is set. Sign in with it in your workspace."
		}
		return s.renderFinder(c, http.StatusOK, form)
	}
	return err
}

// findWorkspace sends a person to the workspace that they name.
func (s *Server) findWorkspace(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	slug := strings.ToLower(strings.TrimSpace(f.Get("slug")))
	slug = strings.TrimSuffix(slug, s.hosts.workspaceSuffix())
	w, err := s.Service.WorkspaceAt(c.Request().Context(), slug)
	if workspace.KindOf(err) == workspace.NotFound {
		return s.renderFinder(c, http.StatusUnprocessableEntity, templates.FinderForm{
			Slug:   f.Get("slug"),
			Errors: workspace.Fields{"slug": "There is no workspace at this address. Check the spelling, or ask who invited you."},
		})
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, s.hosts.origin(w.Slug)+"/")
}

// letFormsLeadAway lets the answer to a form of the page lead to another workspace's host, which form-action must allow:
// browsers hold it against redirects too.
func (s *Server) letFormsLeadAway(c echo.Context) {
	workspaces := s.hosts.base.Scheme + "://*" + s.hosts.workspaceSuffix()
	c.Response().Header().Set("Content-Security-Policy", strings.Replace(csp, "form-action 'self'", "form-action 'self' "+workspaces, 1))
}

func (s *Server) renderFinder(c echo.Context, status int, form templates.FinderForm) error {
	form.HostSuffix = s.hosts.workspaceSuffix()
	s.letFormsLeadAway(c)
	return s.render(c, status, templates.FinderPage(s.frame(nil, "Find your workspace"), form))
}
