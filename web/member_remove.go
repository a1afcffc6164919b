package web

import (
	"net/http"
	"slices"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// showRemoveMember asks what to do with the keys of a member.
func (s *Server) showRemoveMember(p *pageContext) error {
	return s.renderRemoveMember(p, http.StatusOK, templates.MemberRemoveView{})
}

// removeMember removes a member, and revokes their keys or hands them over.
func (s *Server) removeMember(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	view := templates.MemberRemoveView{Keys: f.Get("keys"), NewOwner: f.Get("new_owner")}
	newOwner := view.NewOwner
	switch view.Keys {
	case "hand-over":
		if newOwner == "" {
			view.Errors = workspace.Fields{"new_owner": "Choose a service account."}
		}
	case "revoke":
		newOwner = ""
	default:
		view.Errors = workspace.Fields{"keys": "Choose one of these."}
	}
	if view.Errors != nil {
		return s.renderRemoveMember(p, http.StatusUnprocessableEntity, view)
	}
	m, job, err := s.service.RemoveMember(p.ctx(), p.Actor, p.Param("id"), newOwner)
	if view.Errors = wrongFields(err); view.Errors != nil {
		return s.renderRemoveMember(p, http.StatusUnprocessableEntity, view)
	}
	if workspace.KindOf(err) == workspace.Conflict {
		view.Errors = workspace.Fields{"": failureOf(err).message}
		return s.renderRemoveMember(p, http.StatusConflict, view)
	}
	if err != nil {
		return err
	}
	if s.service.AwaitJob(p.ctx(), p.Actor.WorkspaceID, job.ID, jobWait); s.isRunning(p, job.ID) {
		return p.Redirect(http.StatusSeeOther, paths.Job(job.ID))
	}
	return p.Redirect(http.StatusSeeOther, withMemberNotice(m, "removed"))
}

func (s *Server) renderRemoveMember(p *pageContext, status int, view templates.MemberRemoveView) error {
	m, err := s.memberToChange(p)
	if err != nil {
		return err
	}
	view.Layout, view.Member = s.layout(p, "Remove "+m.DisplayName()), m
	if view.InUse, err = s.service.KeysInUse(p.ctx(), p.Actor, m); err != nil {
		return err
	}
	s.addPendingUses(view.InUse.Keys)
	if view.NewOwners, err = s.ownersToChoose(p); err != nil {
		return err
	}
	view.NewOwners = slices.DeleteFunc(view.NewOwners,
		func(o workspace.ListedMember) bool { return o.UserID == m.UserID })
	return s.render(p, status, templates.MemberRemovePage(view))
}
