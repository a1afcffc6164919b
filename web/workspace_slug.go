package web

import (
	"net/http"
	"strings"

	"github.com/keylodge/keylodge/internal/paths"
)

// changeSlug changes the slug and redirects to the new host. A session belongs
// to one host, so users sign in again.
func (s *Server) changeSlug(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	w, err := s.service.ChangeSlug(p.ctx(), p.Actor, strings.TrimSpace(f.Get("slug")))
	if wrong := wrongFields(err); wrong != nil {
		view, err := s.settingsView(p)
		if err != nil {
			return err
		}
		view.Slug, view.Errors = f.Get("slug"), wrong
		forgetKeys(&view.Slug)
		return s.renderSettings(p, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	if s.hosts.Slug(p.Request().Host) == "" { // the base host does not change
		return p.Redirect(http.StatusSeeOther, withNotice(paths.General, "saved"))
	}
	return p.Redirect(http.StatusSeeOther,
		s.hosts.Origin(w.Slug)+signInURL(paths.General)+"&"+noticeParam+"=slug-changed")
}
