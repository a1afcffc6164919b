package api

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// revokeHeldKey revokes the key whose live secret is presented, whatever state
// the key is in: anyone who finds a leaked key can end it at once. A retired
// secret is answered like one that never existed.
func (s *Server) revokeHeldKey(w http.ResponseWriter, r *http.Request) (any, error) {
	text, presented := presentedKey(r)
	if !presented || KeyInQuery(r.URL) {
		w.Header()["Www-Authenticate"] = challenge(r, presented)
		return nil, errNoKey
	}
	_, a, err := s.check(r, text, nil)
	if err != nil {
		return nil, err
	}
	if a.Found {
		presented, _ := secret.Parse(text)
		actor := s.stranger(w.Header(), r)
		actor.WorkspaceID = a.Owner.Workspace.ID
		err = s.Service.RevokeHeldKey(r.Context(), actor, presented)
	}
	if !a.Found || workspace.KindOf(err) == workspace.NotFound {
		return nil, refusals[s.refuse(w.Header(), r, keyindex.Result{Decision: workspace.DecisionNotFound}, true,
			nil)]
	}
	if err != nil {
		return nil, err
	}
	return nil, nil
}
