package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

func (s *Server) showSetup(c echo.Context) error {
	token := c.QueryParam("token")
	if err := s.service.CheckSetupToken(c.Request().Context(), token); err != nil {
		return s.renderBadLink(c, err)
	}
	return s.renderSetup(c, http.StatusOK, templates.WorkspaceSetupForm{Token: token})
}

// setUp creates the first workspace, signs its owner in and redirects to the
// list of keys.
func (s *Server) setUp(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	form := templates.WorkspaceSetupForm{
		Token: f.Get("token"), WorkspaceName: f.Get("workspace_name"), Slug: f.Get("slug"), Name: f.Get("name"),
		Email: f.Get("email"),
	}
	actor := s.stranger(c)
	w, owner, err := s.service.SetUp(c.Request().Context(), actor, form.Token, workspace.NewWorkspace{
		Name: form.WorkspaceName, Slug: form.Slug, OwnerName: form.Name, OwnerEmail: form.Email,
		OwnerPassword: f.Get("password"),
	})
	if wrong := wrongFields(err); wrong != nil {
		form.Errors = wrong
		return s.renderSetup(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return s.renderBadLink(c, err)
	}
	actor.WorkspaceID = w.ID
	in, err := s.service.StartSession(c.Request().Context(), actor, owner)
	if err != nil {
		return err
	}
	if err := s.beginSession(c, in); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, paths.Keys)
}

func (s *Server) renderSetup(c echo.Context, status int, form templates.WorkspaceSetupForm) error {
	form.HostSuffix = s.hosts.Suffix()
	return s.render(c, status, templates.WorkspaceSetupPage(s.layout(nil, "Set up Keylodge"), form))
}

// renderBadLink answers an error of a one-time link. A link that no longer
// works gets a page that leads to the sign-in.
func (s *Server) renderBadLink(c echo.Context, err error) error {
	switch workspace.KindOf(err) {
	case workspace.Gone, workspace.Forbidden:
		f := failureOf(err)
		c.Set(failureKey, err)
		return s.render(c, f.status, templates.MessagePage(templates.MessageView{
			Layout:   s.layout(nil, f.heading),
			Heading:  "This link does not work",
			Message:  f.message,
			LinkURL:  paths.SignIn,
			LinkText: "Sign in",
		}))
	}
	return err
}
