package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// showEditKey shows the form that edits a key.
func (s *Server) showEditKey(p *pageContext) error {
	key, err := s.keyToEdit(p)
	if err != nil {
		return err
	}
	return s.renderEditKey(p, http.StatusOK, templates.KeyEditView{Key: key, KeyForm: templates.KeyForm{
		Name: key.Name, Expires: "keep", Access: accessOf(key.Limits),
		Scope: strings.Join(key.Limits.Scopes, " "), AllowFrom: templates.NetworkLines(key.Limits.Networks),
		RateLimit: key.Limits.Rate.String(),
	}})
}

func accessOf(l workspace.Limits) string {
	if l.Scopes == nil {
		return "full"
	}
	return "restricted"
}

// keyToEdit returns the key in the path if the user may edit it.
func (s *Server) keyToEdit(p *pageContext) (workspace.ListedKey, error) {
	key, err := s.service.Key(p.ctx(), p.Actor, p.Param("id"))
	if err == nil && (!mayChangeKey(p, key) || !p.Member.Role.May(workspace.PermitAddKeys)) {
		err = workspace.ErrRole
	}
	return key, err
}

func (s *Server) editKey(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	form := readKeyForm(f)
	expires := form.expires()
	scopes, err := s.scopesOf(p, &form)
	if err != nil {
		return err
	}
	if form.Errors != nil {
		return s.renderEditKeyAgain(p, http.StatusUnprocessableEntity, templates.KeyEditView{KeyForm: form.KeyForm})
	}
	_, err = s.service.EditKey(p.ctx(), p.Actor, p.Param("id"), workspace.KeyEdit{
		Name: form.Name, Expires: expires, Access: form.Access, Scopes: scopes, Networks: splitList(form.AllowFrom),
		Rate: strings.TrimSpace(form.RateLimit), Version: f.Get("version"),
	})
	switch {
	case errors.Is(err, workspace.ErrKeyChanged):
		return s.renderEditKeyAgain(p, http.StatusConflict, templates.KeyEditView{
			KeyForm: form.KeyForm, Conflict: workspace.ErrKeyChanged.Message,
		})
	case wrongFields(err) != nil:
		form.setErrors(wrongFields(err))
		return s.renderEditKeyAgain(p, http.StatusUnprocessableEntity, templates.KeyEditView{KeyForm: form.KeyForm})
	case err != nil:
		return err
	}
	return p.Redirect(http.StatusSeeOther, withNotice(paths.Key(p.Param("id")), "edited"))
}

// renderEditKeyAgain shows a form that was refused, with the key as it is now.
func (s *Server) renderEditKeyAgain(p *pageContext, status int, view templates.KeyEditView) (err error) {
	if view.Key, err = s.keyToEdit(p); err != nil {
		return err
	}
	return s.renderEditKey(p, status, view)
}

func (s *Server) renderEditKey(p *pageContext, status int, view templates.KeyEditView) (err error) {
	forgetKeys(&view.Name, &view.ExpiresAt, &view.Scope, &view.AllowFrom, &view.RateLimit)
	view.Layout = s.layout(p, "Edit "+view.Key.Title())
	if view.Catalog, err = s.service.ScopeCatalog(p.ctx(), p.Actor); err != nil {
		return err
	}
	return s.render(p, status, templates.KeyEditPage(view))
}
