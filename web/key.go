package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// keyNotices say what has just been done to a key.
var keyNotices = map[string]string{
	"edited": "Saved. Requests with the key are held to it from now on.", "disabled": "The key is disabled: requests with it fail until it is enabled.",
	"enabled": "The key is enabled: requests with it work again.", "restored": "The revocation is undone: the key is what it was before.",
	"retired": "The old secret has ended: requests with it fail.", "extended": "The old secret goes on for that long from now.",
	"revoked": "Nothing was done: the key is revoked, and stays so.",
}

// showKey shows all that is known of one key.
func (s *Server) showKey(c echo.Context, v *visit) error {
	ctx, id := c.Request().Context(), c.Param("id")
	key, err := s.Service.Key(ctx, v.Actor, id)
	if err != nil {
		return err
	}
	keys := []workspace.ListedKey{key}
	s.addPendingUses(keys)
	view := templates.KeyView{
		Frame: s.frame(v, key.Title()), Key: keys[0], MayChange: mayChangeKey(v, key), Origin: s.apiOrigin(c), Notice: keyNotices[c.QueryParam("done")],
	}
	view.MayRotate = workspace.MayRotate(v.Member, key, view.Now)
	if view.MayRestart, err = s.Service.MayRestart(ctx, v.Actor, key.Key); err != nil {
		return err
	}
	if view.Activity, err = s.Service.KeyActivity(ctx, v.Actor, key); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, templates.KeyPage(view))
}

func mayChangeKey(v *visit, k workspace.ListedKey) bool {
	return k.RevokedAt.IsZero() && workspace.MayRevoke(v.Member, k.Key)
}

// showEditKey asks what a key should be.
func (s *Server) showEditKey(c echo.Context, v *visit) error {
	key, err := s.editable(c, v)
	if err != nil {
		return err
	}
	return s.renderEditKey(c, http.StatusOK, v, key, templates.AddKeyForm{
		Name: key.Name, Expires: "keep", Access: accessOf(key.Limits), Scope: strings.Join(key.Limits.Scopes, " "), AllowFrom: templates.NetworkLines(key.Limits.Addresses),
		RateLimit: key.Limits.Rate.String(),
	}, "")
}

func accessOf(l workspace.Limits) string {
	if l.Scopes == nil {
		return "full"
	}
	return "restricted"
}

// editable returns the key of a route's id, which somebody may change.
func (s *Server) editable(c echo.Context, v *visit) (workspace.ListedKey, error) {
	key, err := s.Service.Key(c.Request().Context(), v.Actor, c.Param("id"))
	if err == nil && (!mayChangeKey(v, key) || !v.Member.Role.May(workspace.AddKeys)) {
		err = errNotYours
	}
	return key, err
}

func (s *Server) editKey(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	form := readKeyForm(f)
	expires := form.expires()
	scopes, err := s.scopesOf(c, v, &form)
	if err != nil {
		return err
	}
	id := c.Param("id")
	if form.Errors != nil {
		key, err := s.editable(c, v)
		if err != nil {
			return err
		}
		return s.renderEditKey(c, http.StatusUnprocessableEntity, v, key, form.AddKeyForm, "")
	}
	_, err = s.Service.EditKey(c.Request().Context(), v.Actor, id, workspace.KeyEdit{
		Name: form.Name, Expires: expires, Access: form.Access, Scopes: scopes, Addresses: splitList(form.AllowFrom),
		Rate: strings.TrimSpace(form.RateLimit), Version: f.Get("version"),
	})
	if err == nil {
		return c.Redirect(http.StatusSeeOther, paths.Key(id)+"?done=edited")
	}
	status, conflict := http.StatusUnprocessableEntity, ""
	switch {
	case err == error(workspace.ErrKeyChanged):
		status, conflict = http.StatusConflict, workspace.ErrKeyChanged.Message
	case wrongFields(err) == nil:
		return err
	}
	form.setErrors(wrongFields(err))
	key, err := s.editable(c, v)
	if err != nil {
		return err
	}
	return s.renderEditKey(c, status, v, key, form.AddKeyForm, conflict)
}

func (s *Server) renderEditKey(c echo.Context, status int, v *visit, key workspace.ListedKey, form templates.AddKeyForm, conflict string) (err error) {
	forgetKeys(&form.Name, &form.ExpiresAt, &form.Scope, &form.AllowFrom, &form.RateLimit)
	form.Frame = s.frame(v, "Edit "+key.Title())
	if form.Catalogue, err = s.Service.ScopeCatalogue(c.Request().Context(), v.Actor); err != nil {
		return err
	}
	return s.render(c, status, templates.EditKeyPage(templates.EditKeyView{AddKeyForm: form, Key: key, Conflict: conflict}))
}

// disableKey stops a key until enableKey.
func (s *Server) disableKey(c echo.Context, v *visit) error {
	return switchKey(c, "disabled", func(ctx context.Context, id string) (workspace.ListedKey, error) {
		return s.Service.DisableKey(ctx, v.Actor, id)
	})
}

func (s *Server) enableKey(c echo.Context, v *visit) error {
	return switchKey(c, "enabled", func(ctx context.Context, id string) (workspace.ListedKey, error) {
		return s.Service.EnableKey(ctx, v.Actor, id)
	})
}

// switchKey disables or enables the key of a route and goes to its page, which
// says that this was done, or that the key was revoked in the meantime.
func switchKey(c echo.Context, done string, do func(context.Context, string) (workspace.ListedKey, error)) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	key, err := do(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if !key.RevokedAt.IsZero() {
		done = "revoked"
	}
	return c.Redirect(http.StatusSeeOther, paths.Key(key.ID)+"?done="+done)
}
