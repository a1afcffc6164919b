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
	ctx, id := p.ctx(), p.Param("id")
	key, err := s.Service.Key(ctx, p.Actor, id)
	if err != nil {
		return err
	}
	keys := []workspace.ListedKey{key}
	s.addPendingUses(keys)
	view := templates.KeyView{
		Layout: s.layout(p, key.Title()), Key: keys[0], MayChange: mayChangeKey(p, key), Origin: s.apiOrigin(p), Notice: keyNotices[p.QueryParam("done")],
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
