package web

import (
	"net/http"
	"strings"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// showScopes shows the scopes and templates of the workspace. ?edit= names the
// scope to edit.
func (s *Server) showScopes(p *pageContext) error {
	return s.renderScopes(p, http.StatusOK, templates.ScopeCatalogView{Notice: p.notice()})
}

func (s *Server) renderScopes(p *pageContext, status int, view templates.ScopeCatalogView) (err error) {
	if !p.Member.Role.May(workspace.PermitManagePolicies) {
		return workspace.ErrRole
	}
	view.Layout = s.layout(p, "Scopes")
	if view.Catalog, err = s.service.ScopeCatalog(p.ctx(), p.Actor); err != nil {
		return err
	}
	for _, scope := range view.Catalog.Scopes {
		if scope.Name == p.QueryParam("edit") && view.Errors == nil {
			view.Scope = scope
		}
	}
	return s.render(p, status, templates.ScopeCatalogPage(view))
}

func (s *Server) saveScope(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	scope := workspace.NamedScope{
		Name: strings.TrimSpace(f.Get("name")), Description: f.Get("description"), Group: f.Get("group"),
	}
	err = s.service.SaveScope(p.ctx(), p.Actor, scope)
	if wrong := wrongFields(err); wrong != nil {
		forgetKeys(&scope.Name, &scope.Description, &scope.Group)
		return s.renderScopes(p, http.StatusUnprocessableEntity, templates.ScopeCatalogView{
			Scope: scope, Errors: wrong,
		})
	}
	if err != nil {
		return err
	}
	return p.Redirect(http.StatusSeeOther, withNotice(paths.Scopes, "scope-saved"))
}

func (s *Server) saveScopeTemplate(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	view := templates.ScopeCatalogView{Template: f.Get("template"), TemplateScopes: f.Get("scopes")}
	err = s.service.SaveScopeTemplate(p.ctx(), p.Actor, workspace.ScopeTemplate{
		Name: view.Template, Scopes: splitList(view.TemplateScopes),
	})
	if view.Errors = wrongFields(err); view.Errors != nil {
		forgetKeys(&view.Template, &view.TemplateScopes)
		return s.renderScopes(p, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return p.Redirect(http.StatusSeeOther, withNotice(paths.Scopes, "template-saved"))
}

func (s *Server) removeScope(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	if err := s.service.RemoveScope(p.ctx(), p.Actor, f.Get("name")); err != nil {
		return err
	}
	return p.Redirect(http.StatusSeeOther, withNotice(paths.Scopes, "scope-removed"))
}

func (s *Server) removeScopeTemplate(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	if err := s.service.RemoveScopeTemplate(p.ctx(), p.Actor, f.Get("template")); err != nil {
		return err
	}
	return p.Redirect(http.StatusSeeOther, withNotice(paths.Scopes, "template-removed"))
}
