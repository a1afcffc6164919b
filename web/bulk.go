package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/templates"
	"github.com/keylodge/keylodge/workspace"
)

// actOnKeys asks whether to do something to many keys, and does it once that is confirmed. The keys are those that were ticked or, when "all"
// was, all that the list shows on all its pages: they are found anew, and asked about anew when they are not as many as the question named.
func (s *Server) actOnKeys(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	view, err := s.bulkView(c, v, f)
	if err != nil {
		return err
	}
	if (view.Act == workspace.ActEnable || view.Act == workspace.ActExpire) && s.Service.FreshProof(v.Actor) != nil {
		return s.confirmThen(c, view.Back, "")
	}
	if n, err := strconv.Atoi(f.Get("number")); err != nil || n != len(view.Keys) || len(view.Keys) == 0 {
		return s.render(c, http.StatusOK, templates.BulkPage(view))
	}
	if view.InUse > 0 && f.Get("sure") == "" && (view.Act == workspace.ActRevoke || view.Act == workspace.ActDisable) {
		view.Errors = workspace.Fields{"sure": "Some of these keys are in use. Tick this if their requests may fail."}
		return s.render(c, http.StatusUnprocessableEntity, templates.BulkPage(view))
	}
	act, run, err := s.Service.StartBulk(c.Request().Context(), v.Actor, workspace.BulkWish{
		Act: view.Act, KeyIDs: view.Keys, Reason: workspace.Reason(view.Reason), Expires: keyForm{templates.AddKeyForm{Expires: view.Expires, ExpiresAt: view.ExpiresAt}}.expires(),
	})
	if wrong := wrongFields(err); wrong != nil {
		form := keyForm{templates.AddKeyForm{Expires: view.Expires}}
		form.setErrors(wrong)
		view.Errors = form.Errors
		return s.render(c, http.StatusUnprocessableEntity, templates.BulkPage(view))
	}
	if err != nil {
		return err
	}
	s.runBulk(c, run)
	return c.Redirect(http.StatusSeeOther, keysPath+"/acts/"+url.PathEscape(act.ID))
}

// quick is how long an answer waits for an act to be done, so that a short one needs no page of its own.
const quick = time.Second

// runBulk goes on with an act when the request is over, and returns when it is done or not quick.
func (s *Server) runBulk(c echo.Context, run func(context.Context) error) {
	ctx, id := context.WithoutCancel(c.Request().Context()), c.Response().Header().Get(echo.HeaderXRequestID)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := run(ctx); err != nil {
			s.Log.Error("an act on many keys was left off", "error", err, "request_id", id)
		}
	}()
	select {
	case <-done:
	case <-time.After(quick):
	}
}

// bulkView reads what should be done to which keys.
func (s *Server) bulkView(c echo.Context, v *visit, f url.Values) (view templates.BulkView, err error) {
	place := readKeysPlace(f)
	view = templates.BulkView{
		Frame: s.frame(v, "Change API keys"), Act: workspace.Act(f.Get("act")), All: f.Get("all") != "", Keys: f["key"], State: place.state, Filter: place.filter,
		Reason: f.Get("reason"), Expires: f.Get("expires"), ExpiresAt: f.Get("expires_at"), Back: place.url(),
	}
	forgetKeys(&view.ExpiresAt)
	if view.All {
		if view.Keys, err = s.Service.SelectKeys(c.Request().Context(), v.Actor, place.state, place.filter); err != nil {
			return view, err
		}
	}
	if len(view.Keys) > workspace.MaxBulk {
		return view, &workspace.Error{Kind: workspace.Conflict, Message: "These are more than 10,000 keys. Narrow the list first."}
	}
	view.InUse, err = s.Service.InUse(c.Request().Context(), v.Actor, view.Keys)
	return view, err
}

// showBulkAct tells how far an act has got, and goes back to the list when it is done. Until then browsers ask again by themselves.
func (s *Server) showBulkAct(c echo.Context, v *visit) error {
	act, err := s.Service.BulkAct(c.Request().Context(), v.Actor, c.Param("id"))
	if err != nil {
		return err
	}
	view := templates.BulkActView{Frame: s.frame(v, "Changing API keys"), Act: act}
	if act.EndedAt.IsZero() && !act.Stalled(view.Now) {
		c.Response().Header().Set("Refresh", "1")
	}
	return s.render(c, http.StatusOK, templates.BulkActPage(view))
}
