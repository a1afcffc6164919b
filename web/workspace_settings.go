package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

func (s *Server) toGeneral(c echo.Context, _ *visit) error {
	return c.Redirect(http.StatusSeeOther, paths.General)
}

// showGeneral shows what the workspace is called and asks of its members.
func (s *Server) showGeneral(c echo.Context, v *visit) error {
	view, err := s.generalView(c, v)
	if err != nil {
		return err
	}
	if c.QueryParam("saved") != "" {
		view.Notice = "Saved."
	}
	return s.renderGeneral(c, http.StatusOK, view)
}

func (s *Server) generalView(c echo.Context, v *visit) (templates.GeneralView, error) {
	view := templates.GeneralView{
		Frame: s.frame(v, "General"), Name: v.Workspace.Name, Slug: v.Workspace.Slug,
		HostSuffix: s.hosts.workspaceSuffix(), Require: v.Workspace.SignIn.Require,
		Keys: templates.KeyPolicyAsTyped(v.Workspace.Keys), AuditDays: templates.AuditDaysAsTyped(v.Workspace.AuditDays),
		Notice: messageNotices[c.QueryParam("message")],
	}
	return view, s.addDelivery(c, v, &view)
}

func (s *Server) renderGeneral(c echo.Context, status int, view templates.GeneralView) error {
	s.letFormsLeadAway(c)
	return s.render(c, status, templates.GeneralPage(view))
}

// moveWorkspace changes the address, and leads there. A session is of one host,
// so people sign in again.
func (s *Server) moveWorkspace(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	w, err := s.Service.ChangeSlug(c.Request().Context(), v.Actor, strings.TrimSpace(f.Get("slug")))
	if wrong := wrongFields(err); wrong != nil {
		view, err := s.generalView(c, v)
		if err != nil {
			return err
		}
		view.Slug, view.Errors = f.Get("slug"), wrong
		forgetKeys(&view.Slug)
		return s.renderGeneral(c, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	if s.hosts.slug(c.Request().Host) == "" { // the base host stays where it is
		return c.Redirect(http.StatusSeeOther, paths.General+"?saved=1")
	}
	return c.Redirect(http.StatusSeeOther, s.hosts.origin(w.Slug)+signInAddress(paths.General)+"&moved=1")
}

// setKeyPolicy says what new keys may be.
func (s *Server) setKeyPolicy(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if !v.Member.Role.May(workspace.ManagePolicies) {
		return errNotYours
	}
	view, err := s.generalView(c, v)
	if err != nil {
		return err
	}
	view.Keys = templates.KeyPolicyForm{
		MaxDays: f.Get("max_days"), DefaultDays: f.Get("default_days"), MaxKeys: f.Get("max_keys"), FullAccess: f.Get("full_access"),
		NeedName: f.Get("need_name"), Within: f.Get("within"),
	}
	policy, err := workspace.ParseKeyPolicy(view.Keys.MaxDays, view.Keys.DefaultDays, view.Keys.MaxKeys, view.Keys.FullAccess, view.Keys.NeedName != "", splitList(view.Keys.Within))
	if err == nil {
		err = s.Service.SetKeyPolicy(c.Request().Context(), v.Actor, policy)
	}
	if view.Errors = wrongFields(err); view.Errors != nil {
		forgetKeys(&view.Keys.MaxDays, &view.Keys.DefaultDays, &view.Keys.MaxKeys, &view.Keys.Within)
		return s.renderGeneral(c, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, paths.General+"?saved=1")
}

// setAuditRetention says how long the audit log is kept.
func (s *Server) setAuditRetention(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if !v.Member.Role.May(workspace.ManagePolicies) {
		return errNotYours
	}
	view, err := s.generalView(c, v)
	if err != nil {
		return err
	}
	view.AuditDays = strings.TrimSpace(f.Get("audit_days"))
	days, err := workspace.ParseAuditDays(view.AuditDays)
	if err == nil {
		err = s.Service.SetAuditRetention(c.Request().Context(), v.Actor, days)
	}
	if view.Errors = wrongFields(err); view.Errors != nil {
		forgetKeys(&view.AuditDays)
		return s.renderGeneral(c, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, paths.General+"?saved=1")
}

// setSignInPolicy says how members must sign in.
func (s *Server) setSignInPolicy(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if !v.Member.Role.May(workspace.ManagePolicies) {
		return errNotYours
	}
	view, err := s.generalView(c, v)
	if err != nil {
		return err
	}
	view.Require, view.Days = workspace.Requirement(f.Get("require")), f.Get("days")
	days, err := workspace.ParseGraceDays(view.Days)
	if err == nil {
		err = s.Service.SetSignInPolicy(c.Request().Context(), v.Actor, view.Require, days)
	}
	if view.Errors = wrongFields(err); view.Errors != nil {
		return s.renderGeneral(c, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, paths.General+"?saved=1")
}

func (s *Server) renameWorkspace(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	err = s.Service.RenameWorkspace(c.Request().Context(), v.Actor, f.Get("name"))
	if wrong := wrongFields(err); wrong != nil {
		view, err := s.generalView(c, v)
		if err != nil {
			return err
		}
		view.Name, view.Errors = f.Get("name"), wrong
		forgetKeys(&view.Name)
		return s.renderGeneral(c, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, paths.General+"?saved=1")
}

// showDeleteWorkspace asks whether to delete the workspace.
func (s *Server) showDeleteWorkspace(c echo.Context, v *visit) error {
	return s.renderDeleteWorkspace(c, http.StatusOK, v, nil)
}

// deleteWorkspace deletes it and leads to where its people can go from there.
func (s *Server) deleteWorkspace(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	err = s.Service.DeleteWorkspace(c.Request().Context(), v.Actor, v.Workspace, f.Get("slug"))
	if wrong := wrongFields(err); wrong != nil {
		return s.renderDeleteWorkspace(c, http.StatusUnprocessableEntity, v, wrong)
	}
	if err != nil {
		return err
	}
	c.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return s.render(c, http.StatusOK, templates.MessagePage(s.frame(nil, "Workspace deleted"), v.Workspace.Name+" is deleted",
		"Its keys are refused from now on.", "", ""))
}

func (s *Server) renderDeleteWorkspace(c echo.Context, status int, v *visit, wrong workspace.Fields) error {
	if !v.Member.Role.May(workspace.DeleteWorkspaces) {
		return &workspace.Error{Kind: workspace.Forbidden, Message: "Only an owner can delete the workspace."}
	}
	if err := s.Service.FreshProof(v.Actor); err != nil {
		return err
	}
	list, err := s.Service.Keys(c.Request().Context(), v.Actor, workspace.Active, workspace.KeyCursor{})
	if err != nil {
		return err
	}
	return s.render(c, status, templates.DeleteWorkspacePage(templates.DeleteWorkspaceView{
		Frame: s.frame(v, "Delete workspace"), Keys: list.Counts[workspace.Active], Errors: wrong,
	}))
}
