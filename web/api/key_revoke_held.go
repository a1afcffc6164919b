package api

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// revokeHeldKey revokes the key whose live secret is presented, whatever state
// the key is in, so anyone who finds a leaked key can revoke it at once. A
// retired secret is answered like one that never existed.
func (s *Server) revokeHeldKey(w http.ResponseWriter, r *http.Request) (any, error) {
	v := verification{credential: presentedCredential(r)}
	if !v.presented || v.inURL {
		w.Header()["Www-Authenticate"] = v.challenge()
		return nil, errNoKey
	}
	if err := s.verifyOwn(r, &v); err != nil {
		return nil, err
	}
	err := error(workspace.ErrNotFound)
	if v.result.Found {
		held, _ := secret.Parse(v.text)
		actor := s.Stranger(w.Header(), r)
		actor.WorkspaceID = v.result.Owner.Workspace.ID
		err = s.Service.RevokeHeldKey(r.Context(), actor, held)
	}
	if workspace.KindOf(err) == workspace.NotFound {
		v.result.Decision = workspace.DecisionNotFound
		return nil, refusals[s.refuse(w.Header(), r, &v)]
	}
	return nil, err
}
