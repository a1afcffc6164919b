package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// showRotateKey asks how long the old secret should keep working.
func (s *Server) showRotateKey(p *pageContext) error {
	return s.renderRotateKey(p, http.StatusOK, nil)
}

func (s *Server) renderRotateKey(p *pageContext, status int, wrong workspace.Fields) error {
	key, err := s.service.Key(p.ctx(), p.Actor, p.Param("id"))
	if err != nil {
		return err
	}
	if !workspace.MayRotate(p.Member, key, s.service.Now()) {
		return workspace.ErrRole
	}
	return s.render(p, status, templates.KeyRotatePage(templates.KeyRotateView{
		Layout: s.layout(p, "Rotate "+key.Title()), Key: key, Errors: wrong,
	}))
}

// rotateKey gives a key a new secret and shows it. No later response contains
// it.
func (s *Server) rotateKey(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	rotation := workspace.KeyRotation{KeyID: p.Param("id"), Overlap: f.Get("overlap")}
	if f.Has("from") {
		from, err := strconv.Atoi(f.Get("from"))
		if err != nil || from < 0 {
			return s.renderRotateKey(p, http.StatusUnprocessableEntity,
				workspace.Fields{"from": "This form is incomplete. Reload the page and send it again."})
		}
		rotation.From = &from
	}
	key, secret, err := s.service.RotateKey(p.ctx(), p.Actor, rotation)
	if wrong := wrongFields(err); wrong != nil {
		return s.renderRotateKey(p, http.StatusUnprocessableEntity, wrong)
	}
	if err != nil {
		return err
	}
	return s.renderShownOnce(p, http.StatusCreated, templates.KeyOncePage(templates.KeyOnceView{
		Layout: s.layout(p,
			"Copy your key now"), Key: key.Key, Secret: secret, Origin: s.apiOrigin(p), Overlap: f.Get("overlap"),
	}))
}

// setKeyOverlap sets when the old secret of a key ends, or retires it.
func (s *Server) setKeyOverlap(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	done := "extended"
	if f.Get("overlap") == "0" {
		done = "retired"
	}
	return doThen(p, withNotice(paths.Key(p.Param("id")), done), func(ctx context.Context) error {
		return s.service.SetOverlap(ctx, p.Actor, p.Param("id"), f.Get("overlap"))
	})
}
