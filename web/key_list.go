package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// keysPlace is which part of the list a URL shows.
type keysPlace struct {
	state  workspace.KeyState
	filter workspace.KeyFilter
	from   workspace.KeyCursor
}

// readKeysPlace takes what makes sense and leaves the rest: an unknown state is
// the active keys, a cursor that is none the first page.
func readKeysPlace(q url.Values) keysPlace {
	p := keysPlace{state: workspace.KeyState(q.Get("state"))}
	if !slices.Contains(workspace.KeyStates, p.state) {
		p.state = workspace.Active
	}
	p.filter = workspace.KeyFilter{Text: q.Get("q"), Owner: q.Get("owner"), Access: q.Get("access"), Unused: q.Get("unused"), Expiring: q.Get("expiring"),
		Weak: q.Get("weak"), Sort: workspace.KeyOrder(q.Get("sort"))}
	forgetKeys(&p.filter.Text)
	if p.from = workspace.ParseKeyCursor(q.Get("after"), false); p.from.IsZero() {
		p.from = workspace.ParseKeyCursor(q.Get("before"), true)
	}
	return p
}

// url is the place's own address.
func (p keysPlace) url() string {
	q := templates.FilterQuery(p.state, p.filter)
	switch {
	case p.from.Before:
		q.Set("before", p.from.String())
	case !p.from.IsZero():
		q.Set("after", p.from.String())
	}
	if len(q) == 0 {
		return paths.Keys
	}
	return paths.Keys + "?" + q.Encode()
}

// listKeys shows a page of keys. ?revoked=ID, which a revocation without
// JavaScript comes back with, says so only of a key that is revoked.
func (s *Server) listKeys(p *pageContext) error {
	if keyInQuery(p.Request().URL) {
		return &workspace.Error{Kind: workspace.Forbidden, Message: "There is a key in this address, where logs and histories keep it. Revoke that key and add another."}
	}
	notice, receipt := "", ""
	if id := p.QueryParam("revoked"); id != "" {
		if key, err := s.Service.Key(p.ctx(), p.Actor, id); err == nil && !key.RevokedAt.IsZero() {
			notice, receipt = revokedNotice(p, key), key.ID
		}
	}
	return s.renderKeys(p, readKeysPlace(p.QueryParams()), notice, receipt)
}

// searchKeys leads to the keys that have a text in them or, when it is a whole
// key, to that key's page: a key never reaches an address.
func (s *Server) searchKeys(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	if found := secret.Find(f.Get("q")); len(found) > 0 {
		presented, _ := secret.Parse(found[0])
		key, err := s.Service.KeyBySecret(p.ctx(), p.Actor, presented)
		if workspace.KindOf(err) == workspace.NotFound {
			return &workspace.Error{Kind: workspace.NotFound, Message: "This is no key of this workspace, or not one that you may see."}
		}
		if err != nil {
			return err
		}
		return p.Redirect(http.StatusSeeOther, paths.Key(key.ID))
	}
	return p.Redirect(http.StatusSeeOther, readKeysPlace(f).url())
}

func (s *Server) renderKeys(p *pageContext, place keysPlace, notice, receipt string) error {
	ctx := p.ctx()
	list, err := s.Service.FilteredKeys(ctx, p.Actor, place.state, place.filter, place.from)
	if workspace.KindOf(err) == workspace.Forbidden {
		return s.renderNoKeys(p)
	}
	if err != nil {
		return err
	}
	s.addPendingUses(list.Page.Keys)
	view := templates.KeysView{
		Frame: s.frame(p, "API keys"), State: place.state, Filter: place.filter, Counts: list.Counts, Page: list.Page, OnlyOwn: list.OnlyOwn,
		MayAdd: p.Member.Role.May(workspace.AddKeys), Notice: notice, Receipt: receipt, Self: place.url(),
	}
	if view.MayUndo, err = s.mayUndo(ctx, p, receipt); err != nil {
		return err
	}
	if view.Expiring, err = s.Service.ExpiringKeys(ctx, p.Actor); err != nil {
		return err
	}
	if isHTMX(p) {
		return s.render(p, http.StatusOK, templates.KeysList(view))
	}
	return s.render(p, http.StatusOK, templates.KeysPage(view))
}

// mayUndo says whether who is signed in may undo the revocation of a key; an
// empty id is none.
func (s *Server) mayUndo(ctx context.Context, p *pageContext, keyID string) (bool, error) {
	if keyID == "" {
		return false, nil
	}
	key, err := s.Service.Key(ctx, p.Actor, keyID)
	if err != nil {
		return false, err
	}
	return s.Service.MayRestart(ctx, p.Actor, key.Key)
}

// addPendingUses puts in the uses that are counted but not yet written to the
// database.
func (s *Server) addPendingUses(keys []workspace.ListedKey) {
	for i := range keys {
		if use, ok := s.Index.LastUse(keys[i].ID); ok && use.At.After(keys[i].LastUse.At) {
			keys[i].LastUse = use
		}
	}
}

// renderNoKeys answers a member who may have no keys: it says whom to ask.
func (s *Server) renderNoKeys(p *pageContext) error {
	if isHTMX(p) { // from a page of before the role was lost
		p.Response().Header().Set("HX-Redirect", paths.Keys)
		return p.NoContent(http.StatusForbidden)
	}
	ask, err := s.Service.WhoManages(p.ctx(), p.Workspace.ID)
	if err != nil {
		return err
	}
	return s.render(p, http.StatusForbidden, templates.NoKeysPage(templates.NoKeysView{Frame: s.frame(p, "API keys"), Ask: ask}))
}
