package web

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// searchKeys redirects to the list of keys that match a text or, when the text
// contains a secret, to the page of its key. So a secret never gets into a URL.
func (s *Server) searchKeys(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	if found := secret.Find(f.Get("q")); len(found) > 0 {
		presented, _ := secret.Parse(found[0])
		key, err := s.service.KeyBySecret(p.ctx(), p.Actor, presented)
		if workspace.KindOf(err) == workspace.NotFound {
			return &workspace.Error{
				Kind: workspace.NotFound, Message: "This is no key of this workspace, or not one that you may see.",
			}
		}
		if err != nil {
			return err
		}
		return p.Redirect(http.StatusSeeOther, paths.Key(key.ID))
	}
	return p.Redirect(http.StatusSeeOther, readKeyListPlace(f).url())
}
