package web

import (
	"net/http"
	"strings"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// showEditKey asks what a key should be.
func (s *Server) showEditKey(p *pageContext) error {
	key, err := s.keyToEdit(p)
	if err != nil {
		return err
	}
	return s.renderEditKey(p, http.StatusOK, key, templates.KeyForm{
		Name: key.Name, Expires: "keep", Access: accessOf(key.Limits),
		Scope: strings.Join(key.Limits.Scopes, " "), AllowFrom: templates.NetworkLines(key.Limits.Addresses),
		RateLimit: key.Limits.Rate.String(),
	}, "")
}

func accessOf(l workspace.Limits) string {
	if l.Scopes == nil {
		return "full"
	}
	return "restricted"
}

// keyToEdit returns the key of a route's id, which somebody may change.
func (s *Server) keyToEdit(p *pageContext) (workspace.ListedKey, error) {
	key, err := s.Service.Key(p.ctx(), p.Actor, p.Param("id"))
	if err == nil && (!mayChangeKey(p, key) || !p.Member.Role.May(workspace.AddKeys)) {
		err = errNotYours
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
	id := p.Param("id")
	if form.Errors != nil {
		key, err := s.keyToEdit(p)
		if err != nil {
			return err
		}
		return s.renderEditKey(p, http.StatusUnprocessableEntity, key, form.KeyForm, "")
	}
	_, err = s.Service.EditKey(p.ctx(), p.Actor, id, workspace.KeyEdit{
		Name: form.Name, Expires: expires, Access: form.Access, Scopes: scopes, Addresses: splitList(form.AllowFrom),
		Rate: strings.TrimSpace(form.RateLimit), Version: f.Get("version"),
	})
	if err == nil {
		return p.Redirect(http.StatusSeeOther, withNotice(paths.Key(id), "edited"))
	}
	status, conflict := http.StatusUnprocessableEntity, ""
	switch {
	case err == error(workspace.ErrKeyChanged):
		status, conflict = http.StatusConflict, workspace.ErrKeyChanged.Message
	case wrongFields(err) == nil:
		return err
	}
	form.setErrors(wrongFields(err))
	key, err := s.keyToEdit(p)
	if err != nil {
		return err
	}
	return s.renderEditKey(p, status, key, form.KeyForm, conflict)
}

func (s *Server) renderEditKey(p *pageContext, status int, key workspace.ListedKey, form templates.KeyForm,
	conflict string) (err error) {
	forgetKeys(&form.Name, &form.ExpiresAt, &form.Scope, &form.AllowFrom, &form.RateLimit)
	form.Layout = s.layout(p, "Edit "+key.Title())
	if form.Catalogue, err = s.Service.ScopeCatalogue(p.ctx(), p.Actor); err != nil {
		return err
	}
	return s.render(p, status, templates.KeyEditPage(templates.KeyEditView{
		KeyForm: form, Key: key, Conflict: conflict,
	}))
}
