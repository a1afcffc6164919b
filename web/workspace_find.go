package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// renderNoWorkspace answers a request at the base host when there is not
// exactly one workspace.
func (s *Server) renderNoWorkspace(c echo.Context, err error) error {
	if moved, ok := errors.AsType[movedError](err); ok {
		to := "/"
		if uri := c.Request().URL.RequestURI(); c.Request().Method == http.MethodGet && !holdsKey(uri) {
			to = uri
		}
		return c.Redirect(http.StatusTemporaryRedirect, s.hosts.Origin(moved.to.Slug)+to)
	}
	switch err {
	case errNotSetUp:
		return s.render(c, http.StatusServiceUnavailable, templates.MessagePage(templates.MessageView{
			Layout:  s.layout(nil, "Not set up yet"),
			Heading: "Not set up yet",
			Message: "Open the set-up link that Keylodge printed when it started. It makes the first workspace.",
		}))
	case errWhichWorkspace:
		form := templates.WorkspaceFindForm{Notice: noticeAt(c, paths.FindWorkspace)}
		return s.renderFindWorkspace(c, http.StatusOK, form)
	}
	return err
}

// findWorkspace redirects to the workspace with a slug.
func (s *Server) findWorkspace(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	slug := strings.ToLower(strings.TrimSpace(f.Get("slug")))
	slug = strings.TrimSuffix(slug, s.hosts.Suffix())
	w, err := s.service.WorkspaceAt(c.Request().Context(), slug)
	if workspace.KindOf(err) == workspace.NotFound {
		form := templates.WorkspaceFindForm{
			Slug: f.Get("slug"),
			Errors: workspace.Fields{"slug": "There is no workspace at this address. Check the spelling, or ask who " +
				"invited you."},
		}
		forgetKeys(&form.Slug)
		return s.renderFindWorkspace(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, s.hosts.Origin(w.Slug)+"/")
}

// allowRedirectsToWorkspaces lets the forms of a page redirect to the hosts of
// other workspaces: browsers apply form-action to redirects too.
func (s *Server) allowRedirectsToWorkspaces(c echo.Context) {
	workspaces := s.hosts.URL.Scheme + "://*" + s.hosts.Suffix()
	c.Response().Header().Set("Content-Security-Policy",
		strings.Replace(httpguard.CSP, "form-action 'self'", "form-action 'self' "+workspaces, 1))
}

func (s *Server) renderFindWorkspace(c echo.Context, status int, form templates.WorkspaceFindForm) error {
	form.HostSuffix = s.hosts.Suffix()
	s.allowRedirectsToWorkspaces(c)
	return s.render(c, status, templates.WorkspaceFindPage(s.layout(nil, "Find your workspace"), form))
}
