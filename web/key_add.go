package web

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

func (s *Server) showAddKey(p *pageContext) error {
	if !p.Member.Role.May(workspace.PermitAddKeys) {
		return s.renderNoKeys(p)
	}
	return s.renderAddKey(p, http.StatusOK, templates.KeyForm{
		Owner: p.QueryParam("owner"), Expires: templates.FirstExpiry(p.Workspace.Keys), Nonce: secret.NewToken(),
	})
}

// addKey adds a key and shows its secret, which no later response contains.
func (s *Server) addKey(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	if !p.Member.Role.May(workspace.PermitAddKeys) {
		return workspace.ErrRole
	}
	form := readKeyForm(f)
	expires := form.expires()
	scopes, err := s.scopesOf(p, &form)
	if err != nil {
		return err
	}
	if form.Errors != nil {
		return s.renderAddKey(p, http.StatusUnprocessableEntity, form.KeyForm)
	}
	key, newSecret, err := s.service.AddKey(p.ctx(), p.Actor, form.newKey(expires, scopes))
	if workspace.KindOf(err) == workspace.Unproven {
		status, wrong, failed := s.stepUpByPassword(p, f.Get("confirm_password"), "confirm_password")
		if failed != nil {
			return failed
		}
		if wrong != nil {
			form.Errors = wrong
			return s.renderAddKey(p, status, form.KeyForm)
		}
		key, newSecret, err = s.service.AddKey(p.ctx(), p.Actor, form.newKey(expires, scopes))
	}
	switch workspace.KindOf(err) {
	case workspace.Conflict:
		return s.renderAlreadyCreated(p, key)
	case workspace.Invalid:
		form.setErrors(wrongFields(err))
		return s.renderAddKey(p, http.StatusUnprocessableEntity, form.KeyForm)
	}
	if err != nil {
		return err
	}
	return s.renderKeyOnce(p, templates.KeyOnceView{
		Layout: s.layout(p, "Copy your key now"), Key: key, Secret: newSecret, Origin: s.apiOrigin(p),
	})
}

func (s *Server) renderAddKey(p *pageContext, status int, form templates.KeyForm) (err error) {
	form.Layout = s.layout(p, "Add API key")
	form.Prove = s.service.RequireFreshProof(p.Actor) != nil
	if form.Catalog, err = s.service.ScopeCatalog(p.ctx(), p.Actor); err != nil {
		return err
	}
	if form.Owners, err = s.ownersToChoose(p); err != nil {
		return err
	}
	forgetKeys(&form.Name, &form.ExpiresAt, &form.Scope, &form.AllowFrom, &form.RateLimit, &form.Nonce)
	if form.Nonce == "" {
		form.Nonce = secret.NewToken()
	}
	if isHTMX(p) {
		return s.render(p, status, templates.KeyAddDialog(form))
	}
	return s.render(p, status, templates.KeyAddPage(form))
}
