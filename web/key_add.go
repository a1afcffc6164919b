package web

import (
	"net/http"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

func (s *Server) showAddKey(p *pageContext) error {
	if !p.Member.Role.May(workspace.AddKeys) {
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
	if !p.Member.Role.May(workspace.AddKeys) {
		return errNotYours
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
	key, secret, err := s.service.AddKey(p.ctx(), p.Actor, form.newKey(expires, scopes))
	if workspace.KindOf(err) == workspace.Unproven {
		status, wrong, failed := s.stepUpByPassword(p, f.Get("confirm_password"), "confirm_password")
		if failed != nil {
			return failed
		}
		if wrong != nil {
			form.Errors = wrong
			return s.renderAddKey(p, status, form.KeyForm)
		}
		key, secret, err = s.service.AddKey(p.ctx(), p.Actor, form.newKey(expires, scopes))
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
		Layout: s.layout(p, "Copy your key now"), Key: key, Secret: secret, Origin: s.apiOrigin(p),
	})
}

// splitList splits a field that takes several values, separated by spaces,
// commas or lines.
func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

// forgetKeys empties fields that contain a secret, so that the form does not
// show it again.
func forgetKeys(fields ...*string) {
	for _, f := range fields {
		if len(secret.Find(*f)) > 0 {
			*f = ""
		}
	}
}

func (s *Server) renderAddKey(p *pageContext, status int, form templates.KeyForm) (err error) {
	form.Layout = s.layout(p, "Add API key")
	form.Prove = s.service.FreshProof(p.Actor) != nil
	if form.Catalogue, err = s.service.ScopeCatalogue(p.ctx(), p.Actor); err != nil {
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

func (s *Server) renderKeyOnce(c echo.Context, view templates.KeyOnceView) error {
	if isHTMX(c) {
		return s.renderShownOnce(c, http.StatusCreated, templates.KeyOnceDialog(view))
	}
	return s.renderShownOnce(c, http.StatusCreated, templates.KeyOncePage(view))
}

// renderAlreadyCreated answers a form that was sent twice. The first response
// showed the secret.
func (s *Server) renderAlreadyCreated(p *pageContext, key workspace.Key) error {
	listed, err := s.service.Key(p.ctx(), p.Actor, key.ID)
	if err != nil {
		return err
	}
	view := templates.AlreadyCreatedView{
		Layout: s.layout(p, "Already created"), Key: listed, MayRevoke: workspace.MayRevoke(p.Member, key),
	}
	if isHTMX(p) {
		return s.renderDialog(p, http.StatusConflict, templates.AlreadyCreatedDialog(view))
	}
	return s.render(p, http.StatusConflict, templates.AlreadyCreatedPage(view))
}
