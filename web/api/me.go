package api

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/workspace"
)

// identity is the answer of GET /api/v1/me.
type identity struct {
	Workspace workspaceJSON      `json:"workspace"`
	Owner     ownerJSON          `json:"owner"`
	Role      string             `json:"role"`
	Key       *workspace.KeyJSON `json:"key"` // null for a signed-in session
}

type workspaceJSON struct {
	ID   string `json:"id"`
	Slug string `json:"slug"`
	Name string `json:"name"`
}

type ownerJSON struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

var errKeyInURL = &workspace.Error{
	Kind: workspace.Unauthenticated,
	Message: "A key was sent in the URL, where logs and " +
		"histories keep it. Revoke that key, add another, and send it in the Authorization header.",
}

// me returns the owner of the presented key or, without a key, the member who
// is signed in.
func (s *Server) me(w http.ResponseWriter, r *http.Request) (any, error) {
	h := w.Header()
	v := verification{credential: presentedCredential(r)}
	if v.inURL {
		h["Www-Authenticate"] = keyInURL
		return nil, errKeyInURL
	}
	if !v.presented {
		return s.meBySession(w, r)
	}
	if err := s.verifyOwn(r, &v); err != nil {
		return nil, err
	}
	if !v.valid() {
		return nil, refusals[s.refuse(h, r, &v)]
	}
	setRateLimit(h, v.result.Quota)
	known, err := s.Service.KeyIdentity(r.Context(), v.result.Owner.Workspace.Slug, v.keyID())
	if err != nil {
		return nil, err
	}
	if use, ok := s.Index.LastUse(known.Key.ID); ok && use.At.After(known.Key.LastUse.At) {
		known.Key.LastUse = use
	}
	key := workspace.NewKeyJSON(known.Key, known.Workspace.Slug, s.Service.Now())
	key.Owner = workspace.OwnerJSON{ID: known.Owner.UserID, Type: workspace.OwnerTypeOf(known.Owner.Service),
		Name: known.Owner.DisplayName()}
	body := identityOf(known.Workspace, known.Owner)
	body.Key = &key
	return body, nil
}

func (s *Server) meBySession(w http.ResponseWriter, r *http.Request) (any, error) {
	in, m, err := s.SignedIn(w, r)
	if workspace.KindOf(err) == workspace.Unauthenticated {
		w.Header()["Www-Authenticate"] = noKeySent
		return nil, errNoKey
	}
	if err != nil {
		return nil, err
	}
	return identityOf(in, m), nil
}

func identityOf(w workspace.Workspace, m workspace.Member) identity {
	return identity{
		Workspace: workspaceJSON{ID: w.ID, Slug: w.Slug, Name: w.Name},
		Owner:     ownerJSON{ID: m.UserID, Name: m.Name, Email: m.Email},
		Role:      string(m.Role),
	}
}
