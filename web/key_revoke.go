package web

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// showRevokeKey asks to confirm a revocation.
func (s *Server) showRevokeKey(p *pageContext) error {
	return s.renderRevokeKey(p, http.StatusOK, templates.KeyRevokeView{Back: p.QueryParam("back")})
}

func (s *Server) renderRevokeKey(p *pageContext, status int, view templates.KeyRevokeView) error {
	d, err := s.service.KeyDetails(p.ctx(), p.Actor, p.Param("id"))
	if err != nil {
		return err
	}
	if !workspace.MayRevoke(p.Member, d.Key) {
		return workspace.ErrRole
	}
	s.addPendingUse(&d.ListedKey)
	view.Layout, view.Back = s.layout(p, "Revoke API key"), keyListPlaceOf(view.Back).url()
	view.Key, view.Activity = d.ListedKey, d.Activity
	if isHTMX(p) {
		return s.renderDialog(p, status, templates.KeyRevokeDialog(view))
	}
	return s.render(p, status, templates.KeyRevokePage(view))
}

// revokeKey revokes a key and returns to the same place in the list.
func (s *Server) revokeKey(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	// Programs need not send the box: only the page sends "asked".
	if f.Get("asked") != "" && f.Get("sure") == "" {
		return s.renderRevokeKey(p, http.StatusUnprocessableEntity, templates.KeyRevokeView{
			Back: f.Get("back"), Reason: f.Get("reason"), Errors: workspace.Fields{"sure": "This key is in use. Tick " +
				"this if its requests may fail."},
		})
	}
	key, err := s.service.RevokeKey(p.ctx(), p.Actor, p.Param("id"), workspace.Reason(f.Get("reason")))
	if err != nil {
		return err
	}
	back := keyListPlaceOf(f.Get("back"))
	if isHTMX(p) {
		return s.renderKeys(p, back, &key)
	}
	to, _ := url.Parse(back.url())
	q := to.Query()
	q.Set("revoked", key.ID)
	to.RawQuery = q.Encode()
	return p.Redirect(http.StatusSeeOther, to.String())
}

// keyListPlaceOf returns the place in the list that a URL shows. It takes only
// the place, so that the URL cannot lead anywhere else.
func keyListPlaceOf(back string) keyListPlace {
	u, err := url.Parse(back)
	if err != nil {
		u = &url.URL{}
	}
	return readKeyListPlace(u.Query())
}

func revokedNotice(p *pageContext, key workspace.ListedKey) string {
	if key.RevokedBy != p.Member.UserID {
		by := key.RevokedByName
		switch {
		case key.RevokedReason == workspace.ReasonHolder:
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
