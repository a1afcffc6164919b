package web

import (
	"net/http"

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
	d, err := s.Service.KeyDetails(p.ctx(), p.Actor, p.Param("id"))
	if err != nil {
		return err
	}
	s.addPendingUse(&d.ListedKey)
	return s.render(p, http.StatusOK, templates.KeyPage(templates.KeyView{
		Layout:        s.layout(p, d.Title()),
		Key:           d.ListedKey,
		Activity:      d.Activity,
		MayChange:     mayChangeKey(p, d.ListedKey),
		MayRotate:     d.Activity.Rotation == nil && workspace.MayRotate(p.Member, d.ListedKey, p.Now),
		MayReactivate: d.MayReactivate,
		Origin:        s.apiOrigin(p),
		Notice:        keyNotices[p.QueryParam("done")],
	}))
}

func mayChangeKey(p *pageContext, k workspace.ListedKey) bool {
	return k.RevokedAt.IsZero() && workspace.MayRevoke(p.Member, k.Key)
}
