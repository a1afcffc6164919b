package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// listServiceAccounts shows who owns keys without being a person.
func (s *Server) listServiceAccounts(c echo.Context, v *visit) (err error) {
	view := templates.MembersView{Frame: s.frame(v, "Service accounts"), Notice: s.changedNotice(c, v)}
	if view.Members, view.Next, err = s.Service.ServiceAccounts(c.Request().Context(), v.Actor, c.QueryParam("after")); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, templates.ServiceAccountsPage(view))
}

// showAddServiceAccount asks what a new service account should be.
func (s *Server) showAddServiceAccount(c echo.Context, v *visit) error {
	return s.renderAddServiceAccount(c, http.StatusOK, v, templates.ServiceAccountForm{Role: workspace.Developer})
}

func (s *Server) addServiceAccount(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	form := templates.ServiceAccountForm{Name: f.Get("name"), Role: workspace.Role(f.Get("role"))}
	m, err := s.Service.AddServiceAccount(c.Request().Context(), v.Actor, form.Name, form.Role)
	if form.Errors = wrongFields(err); form.Errors != nil {
		forgetKeys(&form.Name)
		return s.renderAddServiceAccount(c, http.StatusUnprocessableEntity, v, form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, paths.ServiceAccounts+"?changed="+m.UserID)
}

func (s *Server) renderAddServiceAccount(c echo.Context, status int, v *visit, form templates.ServiceAccountForm) error {
	roles := serviceRoles(v.Member)
	if len(roles) == 0 {
		return errNotYours
	}
	if err := s.Service.FreshProof(v.Actor); err != nil {
		return err
	}
	return s.render(c, status, templates.NewServiceAccountPage(s.frame(v, "Add service account"), roles, form))
}

// serviceRoles lists the roles that a member may give to service accounts.
func serviceRoles(m workspace.Member) []workspace.Role {
	return slices.DeleteFunc(workspace.RolesToGive(m), func(r workspace.Role) bool { return r == workspace.Owner })
}

// servantsOf returns the service accounts that somebody may give keys to:
// active ones, when they may give any.
func (s *Server) servantsOf(c echo.Context, v *visit) ([]workspace.ListedMember, error) {
	if !v.Member.Role.May(workspace.ManageMembers) {
		return nil, nil
	}
	all, _, err := s.Service.ServiceAccounts(c.Request().Context(), v.Actor, "")
	return slices.DeleteFunc(all, func(m workspace.ListedMember) bool { return !m.Active }), err
}
