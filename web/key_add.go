package web

import (
	"errors"
	"net/http"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

func (s *Server) showAddKey(c echo.Context, v *visit) error {
	if !v.Member.Role.May(workspace.AddKeys) {
		return s.renderNoKeys(c, v)
	}
	return s.renderAddKey(c, http.StatusOK, v, templates.AddKeyForm{
		Owner: c.QueryParam("owner"), Expires: templates.FirstExpiry(v.Workspace.Keys), Nonce: workspace.NewToken(), Prove: s.Service.FreshProof(v.Actor) != nil,
	})
}

// addKey makes the key and shows it: in this answer and nowhere ever again.
func (s *Server) addKey(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if !v.Member.Role.May(workspace.AddKeys) {
		return errNotYours
	}
	form := readKeyForm(f)
	expires := form.expires()
	scopes, err := s.scopesOf(c, v, &form)
	if err != nil {
		return err
	}
	if form.Errors != nil {
		return s.renderAddKey(c, http.StatusUnprocessableEntity, v, form.AddKeyForm)
	}
	form.Prove = s.Service.FreshProof(v.Actor) != nil
	wanted := workspace.NewKey{
		OwnerID: form.Owner, Name: form.Name, Expires: expires, Nonce: form.Nonce,
		Access: form.Access, Scopes: scopes, Addresses: splitList(form.AllowFrom), Rate: strings.TrimSpace(form.RateLimit),
	}
	key, secret, err := s.Service.AddKey(c.Request().Context(), v.Actor, wanted)
	if workspace.KindOf(err) == workspace.Unproven {
		status, wrong, failed := s.prove(c, v, f.Get("confirm_password"), "confirm_password")
		if failed != nil {
			return failed
		}
		if wrong != nil {
			form.Errors = wrong
			return s.renderAddKey(c, status, v, form.AddKeyForm)
		}
		form.Prove = false
		key, secret, err = s.Service.AddKey(c.Request().Context(), v.Actor, wanted)
	}
	failed, ok := errors.AsType[*workspace.Error](err)
	switch {
	case err == nil:
		return s.renderOnce(c, templates.OnceView{Frame: s.frame(v, "Copy your key now"), Key: key, Secret: secret, Origin: s.apiOrigin(c)})
	case ok && failed.Kind == workspace.Conflict:
		return s.renderAlreadyCreated(c, v, key)
	case ok && failed.Kind == workspace.Invalid:
		form.setErrors(failed.Fields)
		return s.renderAddKey(c, http.StatusUnprocessableEntity, v, form.AddKeyForm)
	}
	return err
}

// splitList reads a field that takes several values, with spaces, commas or
// lines between them.
func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

// forgetKeys empties the fields that somebody has pasted a key into: a page
// that is shown again would show it.
func forgetKeys(fields ...*string) {
	for _, f := range fields {
		if len(workspace.FindSecrets(*f)) > 0 {
			*f = ""
		}
	}
}

func (s *Server) renderAddKey(c echo.Context, status int, v *visit, form templates.AddKeyForm) (err error) {
	form.Frame = s.frame(v, "Add API key")
	if form.Catalogue, err = s.Service.ScopeCatalogue(c.Request().Context(), v.Actor); err != nil {
		return err
	}
	if form.Owners, err = s.servantsOf(c, v); err != nil {
		return err
	}
	forgetKeys(&form.Name, &form.ExpiresAt, &form.Scope, &form.AllowFrom, &form.RateLimit, &form.Nonce)
	if form.Nonce == "" {
		form.Nonce = workspace.NewToken()
	}
	if isHTMX(c) {
		return s.render(c, status, templates.AddKeyDialog(form))
	}
	return s.render(c, status, templates.AddKeyPage(form))
}

func (s *Server) renderOnce(c echo.Context, view templates.OnceView) error {
	if isHTMX(c) {
		return s.renderShownOnce(c, http.StatusCreated, templates.OnceDialog(view))
	}
	return s.renderShownOnce(c, http.StatusCreated, templates.OncePage(view))
}

// renderAlreadyCreated answers a form that was sent again: one key was made,
// and its first answer showed it.
func (s *Server) renderAlreadyCreated(c echo.Context, v *visit, key workspace.Key) error {
	listed, err := s.Service.Key(c.Request().Context(), v.Actor, key.ID)
	if err != nil {
		return err
	}
	view := templates.AlreadyCreatedView{Frame: s.frame(v, "Already created"), Key: listed, MayRevoke: workspace.MayRevoke(v.Member, key)}
	if isHTMX(c) {
		return s.renderDialog(c, http.StatusConflict, templates.AlreadyCreatedDialog(view))
	}
	return s.render(c, http.StatusConflict, templates.AlreadyCreatedPage(view))
}

// apiOrigin is the address that a new key's example calls.
func (s *Server) apiOrigin(c echo.Context) string {
	return s.hosts.origin(s.hosts.slug(c.Request().Host))
}
