package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

func (s *Server) redirectToSettings(p *pageContext) error {
	return p.Redirect(http.StatusSeeOther, paths.General)
}

// showWorkspaceSettings shows the settings of the workspace.
func (s *Server) showWorkspaceSettings(p *pageContext) error {
	view, err := s.settingsView(p)
	if err != nil {
		return err
	}
	view.Notice = p.notice()
	return s.renderSettings(p, http.StatusOK, view)
}

func (s *Server) settingsView(p *pageContext) (templates.WorkspaceSettingsView, error) {
	view := templates.WorkspaceSettingsView{
		Layout: s.layout(p, "General"), Name: p.Workspace.Name, Slug: p.Workspace.Slug,
		HostSuffix: s.hosts.Suffix(), Require: p.Workspace.SignIn.Require,
		Keys:      templates.KeyPolicyAsTyped(p.Workspace.Keys),
		AuditDays: templates.AuditDaysAsTyped(p.Workspace.AuditDays),
	}
	return view, s.addDelivery(p, &view)
}

func (s *Server) renderSettings(c echo.Context, status int, view templates.WorkspaceSettingsView) error {
	s.allowRedirectsToWorkspaces(c)
	return s.render(c, status, templates.WorkspaceSettingsPage(view))
}

func (s *Server) renameWorkspace(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	err = s.service.RenameWorkspace(p.ctx(), p.Actor, f.Get("name"))
	if wrong := wrongFields(err); wrong != nil {
		view, err := s.settingsView(p)
		if err != nil {
			return err
		}
		view.Name, view.Errors = f.Get("name"), wrong
		forgetKeys(&view.Name)
		return s.renderSettings(p, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return p.Redirect(http.StatusSeeOther, withNotice(paths.General, "saved"))
}

// showDeleteWorkspace asks to confirm the deletion of the workspace.
func (s *Server) showDeleteWorkspace(p *pageContext) error {
	return s.renderDeleteWorkspace(p, http.StatusOK, nil)
}

// deleteWorkspace deletes the workspace.
func (s *Server) deleteWorkspace(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	err = s.service.DeleteWorkspace(p.ctx(), p.Actor, p.Workspace, f.Get("slug"))
	if wrong := wrongFields(err); wrong != nil {
		return s.renderDeleteWorkspace(p, http.StatusUnprocessableEntity, wrong)
	}
	if err != nil {
		return err
	}
	p.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return s.render(p, http.StatusOK, templates.MessagePage(templates.MessageView{
		Layout:  s.layout(nil, "Workspace deleted"),
		Heading: p.Workspace.Name + " is deleted",
		Message: "Its keys are refused from now on.",
	}))
}

func (s *Server) renderDeleteWorkspace(p *pageContext, status int, wrong workspace.Fields) error {
	if !p.Member.Role.May(workspace.PermitDeleteWorkspaces) {
		return &workspace.Error{Kind: workspace.Forbidden, Message: "Only an owner can delete the workspace."}
	}
	if err := s.service.RequireFreshProof(p.Actor); err != nil {
		return err
	}
	list, err := s.service.Keys(p.ctx(), p.Actor, workspace.KeyActive, workspace.KeyCursor{})
	if err != nil {
		return err
	}
	return s.render(p, status, templates.WorkspaceDeletePage(templates.WorkspaceDeleteView{
		Layout: s.layout(p, "Delete workspace"), Keys: list.Counts[workspace.KeyActive], Errors: wrong,
	}))
}
