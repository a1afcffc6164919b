package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// showRemoveMember asks what becomes of a member's keys.
func (s *Server) showRemoveMember(c echo.Context, v *visit) error {
	return s.renderRemoveMember(c, http.StatusOK, v, templates.RemoveMemberView{})
}

// removeMember ends a membership, and with it the keys, or hands them over.
func (s *Server) removeMember(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	view := templates.RemoveMemberView{Keys: f.Get("keys"), Heir: f.Get("heir")}
	heir := view.Heir
	switch view.Keys {
	case "hand-over":
		if heir == "" {
			view.Errors = workspace.Fields{"heir": "Choose a service account."}
		}
	case "", "revoke":
		heir = ""
	default:
		view.Errors = workspace.Fields{"keys": "Choose one of these."}
	}
	if view.Errors != nil {
		return s.renderRemoveMember(c, http.StatusUnprocessableEntity, v, view)
	}
	m, job, err := s.Service.RemoveMember(c.Request().Context(), v.Actor, c.Param("id"), heir)
	if view.Errors = wrongFields(err); view.Errors != nil {
		return s.renderRemoveMember(c, http.StatusUnprocessableEntity, v, view)
	}
	if workspace.KindOf(err) == workspace.Conflict {
		view.Errors = workspace.Fields{"": answerFor(err).message}
		return s.renderRemoveMember(c, http.StatusConflict, v, view)
	}
	if err != nil {
		return err
	}
	if s.Service.AwaitJob(c.Request().Context(), v.Actor.WorkspaceID, job.ID, quick); s.isRunning(c, v, job.ID) {
		return c.Redirect(http.StatusSeeOther, paths.Job(job.ID))
	}
	list := paths.Members
	if m.Service {
		list = paths.ServiceAccounts
	}
	return c.Redirect(http.StatusSeeOther, list+"?"+url.Values{"removed": {m.UserID}}.Encode())
}

// isRunning says whether a job has yet to end. An empty id is no job.
func (s *Server) isRunning(c echo.Context, v *visit, id string) bool {
	if id == "" {
		return false
	}
	job, err := s.Service.Job(c.Request().Context(), v.Actor, id)
	return err == nil && job.EndedAt.IsZero()
}

func (s *Server) renderRemoveMember(c echo.Context, status int, v *visit, view templates.RemoveMemberView) error {
	m, err := s.changeable(c, v)
	if err != nil {
		return err
	}
	view.Frame, view.Member = s.frame(v, "Remove "+m.DisplayName()), m
	if view.InUse, err = s.Service.KeysInUse(c.Request().Context(), v.Actor, m); err != nil {
		return err
	}
	s.addPendingUses(view.InUse.Keys)
	if view.Heirs, err = s.servantsOf(c, v); err != nil {
		return err
	}
	view.Heirs = slices.DeleteFunc(view.Heirs, func(h workspace.ListedMember) bool { return h.UserID == m.UserID })
	return s.render(c, status, templates.RemoveMemberPage(view))
}
