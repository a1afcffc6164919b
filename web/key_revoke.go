package web

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// showRevokeKey asks whether to revoke a key.
func (s *Server) showRevokeKey(c echo.Context, v *visit) error {
	return s.renderRevokeKey(c, http.StatusOK, v, templates.RevokeView{Back: c.QueryParam("back")})
}

func (s *Server) renderRevokeKey(c echo.Context, status int, v *visit, view templates.RevokeView) error {
	key, err := s.Service.Key(c.Request().Context(), v.Actor, c.Param("id"))
	if err != nil {
		return err
	}
	if !workspace.MayRevoke(v.Member, key.Key) {
		return errNotYours
	}
	keys := []workspace.ListedKey{key}
	s.addPendingUses(keys)
	view.Frame, view.Key, view.Back = s.frame(v, "Revoke API key"), keys[0], backToKeys(view.Back).url()
	if view.Activity, err = s.Service.KeyActivity(c.Request().Context(), v.Actor, key); err != nil {
		return err
	}
	if isHTMX(c) {
		return s.renderDialog(c, status, templates.RevokeDialog(view))
	}
	return s.render(c, status, templates.RevokePage(view))
}

// revokeKey kills a key and comes back to the list as it was.
func (s *Server) revokeKey(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if f.Get("asked") != "" && f.Get("sure") == "" { // the tick box of the question, which a program that knows what it does need not send
		return s.renderRevokeKey(c, http.StatusUnprocessableEntity, v, templates.RevokeView{
			Back: f.Get("back"), Reason: f.Get("reason"), Errors: workspace.Fields{"sure": "This key is in use. Tick this if its requests may fail."},
		})
	}
	key, err := s.Service.RevokeKey(c.Request().Context(), v.Actor, c.Param("id"), workspace.Reason(f.Get("reason")))
	if err != nil {
		return err
	}
	back := backToKeys(f.Get("back"))
	if isHTMX(c) {
		return s.renderKeys(c, v, back, revokedNotice(v, key), key.ID)
	}
	to, _ := url.Parse(back.url())
	q := to.Query()
	q.Set("revoked", key.ID)
	to.RawQuery = q.Encode()
	return c.Redirect(http.StatusSeeOther, to.String())
}

// backToKeys reads where in the list somebody was. Only the place is taken from
// what the form says, so it can't lead anywhere else.
func backToKeys(back string) keysPlace {
	u, err := url.Parse(back)
	if err != nil {
		u = &url.URL{}
	}
	return readKeysPlace(u.Query())
}

func revokedNotice(v *visit, key workspace.ListedKey) string {
	if key.RevokedBy != v.Member.UserID {
		by := key.RevokedByName
		switch {
		case key.RevokedReason == workspace.ByHolder:
			by = "whoever held it"
		case key.Leaked():
			by = "a leak report"
		case by == "":
			by = "the command line"
		}
		return fmt.Sprintf("“%s” was already revoked by %s.", key.Title(), by)
	}
	return fmt.Sprintf("“%s” is revoked. Requests with it fail from now on.", key.Title())
}
