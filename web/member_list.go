package web

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// listMembers shows the members, the open invitations and what each role may
// do.
func (s *Server) listMembers(p *pageContext) error {
	view := templates.MemberListView{Layout: s.layout(p, "Members"), Notice: s.memberNotice(p)}
	var err error
	if view.Members, view.Next, err = s.service.Members(p.ctx(), p.Actor, p.QueryParam("after")); err != nil {
		return err
	}
	if p.Member.Role.May(workspace.PermitManageMembers) {
		if view.Invitations, err = s.service.Invitations(p.ctx(), p.Actor); err != nil {
			return err
		}
	}
	return s.render(p, http.StatusOK, templates.MemberListPage(view))
}
