package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// bulkChangeKeys asks to confirm a bulk action, then starts its job. The keys
// are those that were ticked or, with "all", those on all pages of the list.
// They are looked up again: if their number is not the one that was confirmed,
// the page asks again.
func (s *Server) bulkChangeKeys(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	view, err := s.bulkView(p, f)
	if err != nil {
		return err
	}
	if (view.Action == workspace.BulkEnable || view.Action == workspace.BulkExpire) &&
		s.service.RequireFreshProof(p.Actor) != nil {
		return s.stepUpThen(p, view.Back, "")
	}
	if n, err := strconv.Atoi(f.Get("number")); err != nil || n != len(view.Keys) || len(view.Keys) == 0 {
		return s.render(p, http.StatusOK, templates.KeyBulkPage(view))
	}
	if view.InUse > 0 && f.Get("sure") == "" &&
		(view.Action == workspace.BulkRevoke || view.Action == workspace.BulkDisable) {
		view.Errors = workspace.Fields{"sure": "Some of these keys are in use. Tick this if their requests may fail."}
		return s.render(p, http.StatusUnprocessableEntity, templates.KeyBulkPage(view))
	}
	form := keyForm{templates.KeyForm{Expires: view.Expires, ExpiresAt: view.ExpiresAt}}
	expires := form.expires()
	if view.Errors = form.Errors; view.Errors != nil && view.Action == workspace.BulkExpire {
		return s.render(p, http.StatusUnprocessableEntity, templates.KeyBulkPage(view))
	}
	job, err := s.service.StartBulk(p.ctx(), p.Actor, workspace.BulkRequest{
		Action: view.Action, KeyIDs: view.Keys, Reason: workspace.Reason(view.Reason), Expires: expires,
	})
	if wrong := wrongFields(err); wrong != nil {
		form.setErrors(wrong)
		view.Errors = form.Errors
		return s.render(p, http.StatusUnprocessableEntity, templates.KeyBulkPage(view))
	}
	if err != nil {
		return err
	}
	s.service.AwaitJob(p.ctx(), p.Actor.WorkspaceID, job.ID, jobWait)
	return p.Redirect(http.StatusSeeOther, paths.Job(job.ID))
}

// bulkView reads the bulk action and its keys from the form.
func (s *Server) bulkView(p *pageContext, f url.Values) (view templates.KeyBulkView, err error) {
	place := readKeyListPlace(f)
	view = templates.KeyBulkView{
		Layout: s.layout(p, "Change API keys"), Action: workspace.BulkAction(f.Get("act")), All: f.Get("all") != "",
		Keys: f["key"], State: place.state, Filter: place.filter,
		Reason: f.Get("reason"), Expires: f.Get("expires"), ExpiresAt: f.Get("expires_at"), Back: place.url(),
	}
	forgetKeys(&view.ExpiresAt)
	if view.All {
		if view.Keys, err = s.service.SelectKeys(p.ctx(), p.Actor, place.state, place.filter); err != nil {
			return view, err
		}
	}
	if len(view.Keys) > workspace.MaxBulk {
		return view, &workspace.Error{
			Kind: workspace.Conflict, Message: "These are more than 10,000 keys. Narrow the list first.",
		}
	}
	view.InUse, err = s.service.InUse(p.ctx(), p.Actor, view.Keys)
	return view, err
}
