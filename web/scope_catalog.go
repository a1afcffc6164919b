package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// scopeNotices say what has just been done to the catalogue.
var scopeNotices = map[string]string{
	"scope": "The scope is saved.", "removed": "The scope is removed. Keys that have it keep it.",
	"template": "The template is saved.", "template-removed": "The template is removed. Keys that were made from it stay as they are.",
}

// showScopes shows what keys can be restricted to. ?edit= names a scope that
// the form is to begin with.
func (s *Server) showScopes(c echo.Context, v *visit) error {
	return s.renderScopes(c, http.StatusOK, v, templates.ScopesView{Notice: scopeNotices[c.QueryParam("done")]})
}

func (s *Server) renderScopes(c echo.Context, status int, v *visit, view templates.ScopesView) (err error) {
	if !v.Member.Role.May(workspace.ManagePolicies) {
		return errNotYours
	}
	view.Frame = s.frame(v, "Scopes")
	if view.Catalogue, err = s.Service.ScopeCatalogue(c.Request().Context(), v.Actor); err != nil {
		return err
	}
	if i := slices.IndexFunc(view.Catalogue.Scopes, func(o workspace.NamedScope) bool { return o.Name == c.QueryParam("edit") }); i >= 0 && view.Errors == nil {
		view.Scope = view.Catalogue.Scopes[i]
	}
	return s.render(c, status, templates.ScopesPage(view))
}

func (s *Server) saveScope(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	scope := workspace.NamedScope{Name: strings.TrimSpace(f.Get("name")), Description: f.Get("description"), Group: f.Get("group")}
	err = s.Service.SaveScope(c.Request().Context(), v.Actor, scope)
	if wrong := wrongFields(err); wrong != nil {
		forgetKeys(&scope.Name, &scope.Description, &scope.Group)
		return s.renderScopes(c, http.StatusUnprocessableEntity, v, templates.ScopesView{Scope: scope, Errors: wrong})
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, paths.Scopes+"?done=scope")
}

func (s *Server) saveScopeTemplate(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	view := templates.ScopesView{Template: f.Get("template"), TemplateScopes: f.Get("scopes")}
	err = s.Service.SaveScopeTemplate(c.Request().Context(), v.Actor, workspace.ScopeTemplate{Name: view.Template, Scopes: splitList(view.TemplateScopes)})
	if view.Errors = wrongFields(err); view.Errors != nil {
		forgetKeys(&view.Template, &view.TemplateScopes)
		return s.renderScopes(c, http.StatusUnprocessableEntity, v, view)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, paths.Scopes+"?done=template")
}

func (s *Server) removeScope(c echo.Context, v *visit) error {
	return s.removeNamed(c, v, "name", "removed", s.Service.RemoveScope)
}

func (s *Server) removeScopeTemplate(c echo.Context, v *visit) error {
	return s.removeNamed(c, v, "template", "template-removed", s.Service.RemoveScopeTemplate)
}

func (s *Server) removeNamed(c echo.Context, v *visit, field, notice string, remove func(context.Context, workspace.Actor, string) error) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	return doThen(c, paths.Scopes+"?done="+notice, func(ctx context.Context) error { return remove(ctx, v.Actor, f.Get(field)) })
}
