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
func (s *Server) showKey(p *pageContext) error {
	ctx, id := p.ctx(), p.Param("id")
	key, err := s.Service.Key(ctx, p.Actor, id)
	if err != nil {
		return err
	}
	keys := []workspace.ListedKey{key}
	s.addPendingUses(keys)
	view := templates.KeyView{
		Frame: s.frame(p, key.Title()), Key: keys[0], MayChange: mayChangeKey(p, key), Origin: s.apiOrigin(p), Notice: keyNotices[p.QueryParam("done")],
	}
	view.MayRotate = workspace.MayRotate(p.Member, key, view.Now)
	if view.MayRestart, err = s.Service.MayRestart(ctx, p.Actor, key.Key); err != nil {
		return err
	}
	if view.Activity, err = s.Service.KeyActivity(ctx, p.Actor, key); err != nil {
		return err
	}
	return s.render(p, http.StatusOK, templates.KeyPage(view))
}

func mayChangeKey(p *pageContext, k workspace.ListedKey) bool {
	return k.RevokedAt.IsZero() && workspace.MayRevoke(p.Member, k.Key)
}

// showEditKey asks what a key should be.
func (s *Server) showEditKey(p *pageContext) error {
	key, err := s.editable(p)
	if err != nil {
		return err
	}
	return s.renderEditKey(p, http.StatusOK, key, templates.AddKeyForm{
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
func (s *Server) editable(p *pageContext) (workspace.ListedKey, error) {
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
		key, err := s.editable(p)
		if err != nil {
			return err
		}
		return s.renderEditKey(p, http.StatusUnprocessableEntity, key, form.AddKeyForm, "")
	}
	_, err = s.Service.EditKey(p.ctx(), p.Actor, id, workspace.KeyEdit{
		Name: form.Name, Expires: expires, Access: form.Access, Scopes: scopes, Addresses: splitList(form.AllowFrom),
		Rate: strings.TrimSpace(form.RateLimit), Version: f.Get("version"),
	})
	if err == nil {
		return p.Redirect(http.StatusSeeOther, paths.Key(id)+"?done=edited")
	}
	status, conflict := http.StatusUnprocessableEntity, ""
	switch {
	case err == error(workspace.ErrKeyChanged):
		status, conflict = http.StatusConflict, workspace.ErrKeyChanged.Message
	case wrongFields(err) == nil:
		return err
	}
	form.setErrors(wrongFields(err))
	key, err := s.editable(p)
	if err != nil {
		return err
	}
	return s.renderEditKey(p, status, key, form.AddKeyForm, conflict)
}

func (s *Server) renderEditKey(p *pageContext, status int, key workspace.ListedKey, form templates.AddKeyForm, conflict string) (err error) {
	forgetKeys(&form.Name, &form.ExpiresAt, &form.Scope, &form.AllowFrom, &form.RateLimit)
	form.Frame = s.frame(p, "Edit "+key.Title())
	if form.Catalogue, err = s.Service.ScopeCatalogue(p.ctx(), p.Actor); err != nil {
		return err
	}
	return s.render(p, status, templates.EditKeyPage(templates.EditKeyView{AddKeyForm: form, Key: key, Conflict: conflict}))
}

// disableKey stops a key until enableKey.
func (s *Server) disableKey(p *pageContext) error {
	return switchKey(p, "disabled", func(ctx context.Context, id string) (workspace.ListedKey, error) {
		return s.Service.DisableKey(ctx, p.Actor, id)
	})
}

func (s *Server) enableKey(p *pageContext) error {
	return switchKey(p, "enabled", func(ctx context.Context, id string) (workspace.ListedKey, error) {
		return s.Service.EnableKey(ctx, p.Actor, id)
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
