package web

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
	"github.com/keylodge/keylodge/web/api"
)

// listKeys shows one page of the list of keys. A revocation without JavaScript
// redirects here with ?revoked=ID. The list mentions the key only if it is
// revoked.
func (s *Server) listKeys(p *pageContext) error {
	if api.KeyInQuery(p.Request().URL) {
		return &workspace.Error{
			Kind: workspace.Forbidden,
			Message: "There is a key in this address, where logs and histories keep it. Revoke that key and add " +
				"another.",
		}
	}
	var revoked *workspace.ListedKey
	if id := p.QueryParam("revoked"); id != "" {
		if key, err := s.service.Key(p.ctx(), p.Actor, id); err == nil && !key.RevokedAt.IsZero() {
			revoked = &key
		}
	}
	return s.renderKeys(p, readKeyListPlace(p.QueryParams()), revoked)
}

// renderKeys shows a page of the list. If revoked is not nil, the page says
// that this key is revoked.
func (s *Server) renderKeys(p *pageContext, place keyListPlace, revoked *workspace.ListedKey) error {
	ctx := p.ctx()
	list, err := s.service.FilteredKeys(ctx, p.Actor, place.state, place.filter, place.from)
	if workspace.KindOf(err) == workspace.Forbidden {
		return s.renderNoKeys(p)
	}
	if err != nil {
		return err
	}
	s.addPendingUses(list.Page.Keys)
	view := templates.KeyListView{
		Layout: s.layout(p,
			"API keys"), State: place.state, Filter: place.filter, Counts: list.Counts, Page: list.Page,
		OnlyOwn: list.OnlyOwn,
		MayAdd:  p.Member.Role.May(workspace.PermitAddKeys), MayEnable: list.MayEnable, Self: place.url(),
	}
	if revoked != nil {
		view.Notice, view.Receipt = revokedNotice(p, *revoked), revoked.ID
		if view.MayUndo, err = s.service.MayReactivate(ctx, p.Actor, revoked.Key); err != nil {
			return err
		}
	}
	if view.Expiring, err = s.service.ExpiringKeys(ctx, p.Actor); err != nil {
		return err
	}
	if isHTMX(p) {
		return s.render(p, http.StatusOK, templates.KeyList(view))
	}
	return s.render(p, http.StatusOK, templates.KeyListPage(view))
}

// addPendingUses adds the last uses that are counted but not yet in the
// database.
func (s *Server) addPendingUses(keys []workspace.ListedKey) {
	for i := range keys {
		s.addPendingUse(&keys[i])
	}
}

func (s *Server) addPendingUse(key *workspace.ListedKey) {
	if use, ok := s.index.LastUse(key.ID); ok && use.At.After(key.LastUse.At) {
		key.LastUse = use
	}
}

// renderNoKeys answers a member whose role may have no keys, and names members
// to ask.
func (s *Server) renderNoKeys(p *pageContext) error {
	if isHTMX(p) { // from a page that was opened before the role changed
		p.Response().Header().Set("HX-Redirect", paths.Keys)
		return p.NoContent(http.StatusForbidden)
	}
	ask, err := s.service.Managers(p.ctx(), p.Workspace.ID)
	if err != nil {
		return err
	}
	return s.render(p, http.StatusForbidden, templates.NoKeysPage(templates.NoKeysView{
		Layout: s.layout(p, "API keys"), Ask: ask,
	}))
}
