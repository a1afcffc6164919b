package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// listProviders shows the identity providers of the workspace.
func (s *Server) listProviders(p *pageContext) (err error) {
	view := templates.ProvidersView{
		Layout: s.layout(p, "Single sign-on"), Callback: s.callback(p), Notice: p.notice(),
	}
	if view.Providers, err = s.service.Providers(p.ctx(), p.Workspace.ID); err != nil {
		return err
	}
	return s.render(p, http.StatusOK, templates.ProvidersPage(view))
}

// showProvider shows the form of an identity provider, new or existing.
func (s *Server) showProvider(p *pageContext) error {
	form := templates.ProviderForm{}
	if id := p.Param("id"); id != "" {
		provider, err := s.service.Provider(p.ctx(), p.Workspace.ID, id)
		if err != nil {
			return err
		}
		form.Provider, form.RoleMap = provider, writeRoleMap(provider.RoleMap)
		form.Domains, form.Scopes = strings.Join(provider.Domains, " "), strings.Join(provider.Scopes, " ")
		form.Provider.ClientSecret = "" // never sent to the browser
	}
	return s.renderProvider(p, http.StatusOK, form)
}

func (s *Server) putProvider(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	form := templates.ProviderForm{Domains: f.Get("domains"), RoleMap: f.Get("role_map"), Scopes: f.Get("scopes"),
		Provider: workspace.Provider{
			ID: p.Param("id"), Name: f.Get("name"), Issuer: f.Get("issuer"), ClientID: f.Get("client_id"),
			NewRole:   workspace.Role(f.Get("new_role")),
			RoleClaim: f.Get("role_claim"),
		}}
	provider := form.Provider
	provider.ClientSecret = f.Get("client_secret")
	provider.Scopes, provider.Domains = splitList(form.Scopes), splitList(form.Domains)
	if provider.RoleMap, err = readRoleMap(form.RoleMap); err == nil {
		err = s.service.PutProvider(p.ctx(), p.Actor, provider, func(provider workspace.Provider) error {
			return s.providers.Check(p.ctx(), clientOf(provider))
		})
	}
	if form.Errors = wrongFields(err); form.Errors != nil {
		forgetKeys(&form.Provider.Name, &form.Provider.Issuer, &form.Provider.ClientID, &form.Scopes, &form.Domains,
			&form.RoleMap, &form.Provider.RoleClaim)
		return s.renderProvider(p, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return p.Redirect(http.StatusSeeOther, withNotice(paths.Providers, "saved"))
}

func (s *Server) renderProvider(p *pageContext, status int, form templates.ProviderForm) error {
	if !p.Member.Role.May(workspace.PermitManagePolicies) {
		return workspace.ErrRole
	}
	if err := s.service.RequireFreshProof(p.Actor); err != nil {
		return err
	}
	if form.Provider.ID != "" {
		saved, err := s.service.Provider(p.ctx(), p.Workspace.ID, form.Provider.ID)
		if err != nil {
			return err
		}
		form.Provider.SignsInOwners = saved.SignsInOwners
		if form.Refused, err = s.service.ProviderRefusal(p.ctx(), p.Actor, form.Provider.ID); err != nil {
			return err
		}
	}
	form.Callback = s.callback(p)
	return s.render(p, status, templates.ProviderPage(s.layout(p, "Identity provider"), form))
}

func (s *Server) removeProvider(p *pageContext) error {
	return doThen(p, withNotice(paths.Providers, "removed"), func(ctx context.Context) error {
		return s.service.RemoveProvider(ctx, p.Actor, p.Param("id"))
	})
}

// readRoleMap reads lines of the form VALUE = ROLE.
func readRoleMap(text string) (map[string]workspace.Role, error) {
	var all map[string]workspace.Role
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		at := strings.LastIndexByte(line, '=')
		if at <= 0 {
			return nil, &workspace.Error{
				Kind:   workspace.Invalid,
				Fields: workspace.Fields{"role_map": "Write a line such as “keylodge-admins = admin” for each value."},
			}
		}
		if all == nil {
			all = map[string]workspace.Role{}
		}
		all[strings.TrimSpace(line[:at])] = workspace.Role(strings.TrimSpace(line[at+1:]))
	}
	return all, nil
}

// writeRoleMap writes what readRoleMap reads, ordered by role.
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
