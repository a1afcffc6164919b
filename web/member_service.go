package web

import (
	"net/http"
	"slices"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// listServiceAccounts shows the service accounts.
func (s *Server) listServiceAccounts(p *pageContext) (err error) {
	view := templates.MemberListView{Layout: s.layout(p, "Service accounts"), Notice: s.memberNotice(p)}
	if view.Members, view.Next, err = s.service.ServiceAccounts(p.ctx(), p.Actor, p.QueryParam("after")); err != nil {
		return err
	}
	return s.render(p, http.StatusOK, templates.ServiceAccountsPage(view))
}

// showAddServiceAccount shows the form that adds a service account.
func (s *Server) showAddServiceAccount(p *pageContext) error {
	return s.renderAddServiceAccount(p, http.StatusOK, templates.ServiceAccountForm{Role: workspace.RoleDeveloper})
}

func (s *Server) addServiceAccount(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	form := templates.ServiceAccountForm{Name: f.Get("name"), Role: workspace.Role(f.Get("role"))}
	m, err := s.service.AddServiceAccount(p.ctx(), p.Actor, form.Name, form.Role)
	if form.Errors = wrongFields(err); form.Errors != nil {
		forgetKeys(&form.Name)
		return s.renderAddServiceAccount(p, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return p.Redirect(http.StatusSeeOther, withMemberNotice(m, "changed"))
}

func (s *Server) renderAddServiceAccount(p *pageContext, status int, form templates.ServiceAccountForm) error {
	roles := serviceRoles(p.Member)
	if len(roles) == 0 {
		return workspace.ErrRole
	}
	if err := s.service.RequireFreshProof(p.Actor); err != nil {
		return err
	}
	return s.render(p, status, templates.ServiceAccountAddPage(s.layout(p, "Add service account"), roles, form))
}

// serviceRoles returns the roles that a member may give to service accounts.
func serviceRoles(m workspace.Member) []workspace.Role {
	return slices.DeleteFunc(workspace.RolesToGive(m), func(r workspace.Role) bool { return r == workspace.RoleOwner })
}

// ownersToChoose returns the active service accounts if the user may make them
// owners of keys.
func (s *Server) ownersToChoose(p *pageContext) ([]workspace.ListedMember, error) {
	if !p.Member.Role.May(workspace.PermitManageMembers) {
		return nil, nil
	}
	all, _, err := s.service.ServiceAccounts(p.ctx(), p.Actor, "")
	return slices.DeleteFunc(all, func(m workspace.ListedMember) bool { return !m.Active }), err
}
