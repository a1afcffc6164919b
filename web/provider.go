package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// listProviders shows with which identity providers members may sign in.
func (s *Server) listProviders(c echo.Context, v *visit) (err error) {
	view := templates.ProvidersView{Frame: s.frame(v, "Single sign-on"), Callback: s.callback(c)}
	if c.QueryParam("saved") != "" {
		view.Notice = "Saved. Try it: sign out, and sign in with it."
	}
	if c.QueryParam("removed") != "" {
		view.Notice = "Removed. Nobody signs in with it any more."
	}
	if view.Providers, err = s.Service.Providers(c.Request().Context(), v.Workspace.ID); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, templates.ProvidersPage(view))
}

// showProvider asks what a provider should be: a new one, or one that there is.
func (s *Server) showProvider(c echo.Context, v *visit) error {
	form := templates.ProviderForm{}
	if id := c.Param("id"); id != "" {
		p, err := s.Service.Provider(c.Request().Context(), v.Workspace.ID, id)
		if err != nil {
			return err
		}
		form.Provider, form.Domains, form.RoleMap = p, strings.Join(p.Domains, " "), writeRoleMap(p.RoleMap)
		form.Scopes = strings.Join(p.Scopes, " ")
		form.Provider.ClientSecret = "" // it is never sent back to the browser
	}
	return s.renderProvider(c, http.StatusOK, v, form)
}

func (s *Server) putProvider(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	form := templates.ProviderForm{Domains: f.Get("domains"), RoleMap: f.Get("role_map"), Scopes: f.Get("scopes"),
		Provider: workspace.Provider{
			ID: c.Param("id"), Name: f.Get("name"), Issuer: f.Get("issuer"), ClientID: f.Get("client_id"),
			NewRole:   workspace.Role(f.Get("new_role")),
			RoleClaim: f.Get("role_claim"),
		}}
	p := form.Provider
	p.ClientSecret, p.Scopes, p.Domains = f.Get("client_secret"), splitList(form.Scopes), splitList(form.Domains)
	if p.RoleMap, err = readRoleMap(form.RoleMap); err == nil {
		err = s.Service.PutProvider(c.Request().Context(), v.Actor, p, func(p workspace.Provider) error {
			return s.providers.Check(c.Request().Context(), clientOf(p))
		})
	}
	if form.Errors = wrongFields(err); form.Errors != nil {
		forgetKeys(&form.Provider.Name, &form.Provider.Issuer, &form.Provider.ClientID, &form.Scopes, &form.Domains,
			&form.RoleMap, &form.Provider.RoleClaim)
		return s.renderProvider(c, http.StatusUnprocessableEntity, v, form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, paths.Providers+"?saved=1")
}

func (s *Server) renderProvider(c echo.Context, status int, v *visit, form templates.ProviderForm) error {
	if !v.Member.Role.May(workspace.ManagePolicies) {
		return errNotYours
	}
	if err := s.Service.FreshProof(v.Actor); err != nil {
		return err
	}
	if form.Provider.ID != "" {
		var err error
		if form.Refused, err = s.Service.ProviderRefusal(c.Request().Context(), v.Actor, form.Provider.ID); err != nil {
			return err
		}
	}
	form.Callback = s.callback(c)
	return s.render(c, status, templates.ProviderPage(s.frame(v, "Identity provider"), form))
}

func (s *Server) removeProvider(c echo.Context, v *visit) error {
	return doThen(c, paths.Providers+"?removed=1", func(ctx context.Context) error {
		return s.Service.RemoveProvider(ctx, v.Actor, c.Param("id"))
	})
}

// readRoleMap reads lines of VALUE = ROLE.
func readRoleMap(text string) (map[string]workspace.Role, error) {
	var all map[string]workspace.Role
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		at := strings.LastIndexByte(line, '=')
		if at <= 0 {
			return nil, &workspace.Error{Kind: workspace.Invalid, Fields: workspace.Fields{"role_map": "Write a line such as “keylodge-admins = admin” for each value."}}
		}
		if all == nil {
			all = map[string]workspace.Role{}
		}
		all[strings.TrimSpace(line[:at])] = workspace.Role(strings.TrimSpace(line[at+1:]))
	}
	return all, nil
}

// writeRoleMap writes what readRoleMap reads, in the order of roles.
func writeRoleMap(all map[string]workspace.Role) string {
	var b strings.Builder
	for _, role := range workspace.Roles {
		for value, is := range all {
			if is == role {
				fmt.Fprintf(&b, "%s = %s\n", value, role)
			}
		}
	}
	return b.String()
}
