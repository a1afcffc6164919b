package workspace

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Provider is an identity provider that members of a workspace may sign in with
// (OpenID Connect).
type Provider struct {
	ID           string
	WorkspaceID  string
	Name         string // on the button
	Issuer       string // exactly as the provider's metadata has it
	ClientID     string
	ClientSecret string          // empty: a public client
	Scopes       []string        // asked for beside openid, email and profile
	Domains      []string        // whose verified emails may join
	NewRole      Role            // what they then are; empty: nobody joins by themselves
	RoleClaim    string          // the claim with a user’s roles; empty: roles are given here only
	RoleMap      map[string]Role // by a value of that claim
	CreatedAt    time.Time

	// SignsInOwners says that an owner has saved the issuer, client ID and
	// secret as they are. Until then the provider signs in, links and steps up
	// no owner: whoever runs a provider can sign in as anyone whom it knows.
	SignsInOwners bool
}

// maxProviders is how many a workspace may have, and maxProviderScopes how many
// additional scopes each may be asked for.
const (
	maxProviders      = 10
	maxProviderScopes = 20
)

// scopeToken is a scope as RFC 6749 section 3.3 has it.
var scopeToken = regexp.MustCompile(`^[\x21\x23-\x5B\x5D-\x7E]{1,200}$`)

var domainShape = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$`)

// check cleans the fields and returns what is wrong with them.
func (p *Provider) check() error {
	wrong := invalid{}
	var message string
	p.Name, message = cleanRequiredName(p.Name, "Give it a name, which its button says.")
	wrong.add("name", message)
	p.Issuer, p.ClientID, p.RoleClaim = strings.TrimSpace(p.Issuer), strings.TrimSpace(p.ClientID),
		strings.TrimSpace(p.RoleClaim)
	if u, err := url.Parse(p.Issuer); err != nil || u.Host == "" || len(p.Issuer) > 500 {
		wrong.add("issuer", "Type the provider’s issuer, such as https://login.example.com.")
	}
	if p.ClientID == "" || len(p.ClientID) > 500 {
		wrong.add("client_id", "Type the client ID that the provider gave to Keylodge.")
	}
	if len(p.ClientSecret) > 500 {
		wrong.add("client_secret", "This is too long for a secret.")
	}
	for _, scope := range p.Scopes {
		if !scopeToken.MatchString(scope) {
			wrong.add("scopes", "Type scopes, such as groups, with spaces between several.")
		}
	}
	if len(p.Scopes) > maxProviderScopes {
		wrong.add("scopes", "Ask for at most 20 scopes.")
	}
	for i, d := range p.Domains {
		if p.Domains[i] = strings.ToLower(strings.TrimPrefix(d, "@")); !domainShape.MatchString(p.Domains[i]) {
			wrong.add("domains", "Type domains, such as acme.example, with spaces between several.")
		}
	}
	switch {
	case p.NewRole != "" && (!p.NewRole.Valid() || p.NewRole == RoleOwner):
		wrong.add("new_role", "Choose one of these.")
	case p.NewRole != "" && len(p.Domains) == 0:
		wrong.add("domains", "Say whose addresses may join by themselves: a provider may have accounts for anybody.")
	}
	for _, role := range p.RoleMap {
		if !role.Valid() || role == RoleOwner {
			wrong.add("role_map", "Give each value one of the roles admin, developer, auditor and member.")
		}
	}
	if (p.RoleClaim == "") != (len(p.RoleMap) == 0) {
		wrong.add("role_map", "To take roles from a claim, name the claim and say what its values mean.")
	}
	return wrong.err()
}

// takes reports whether a verified email may join by itself.
func (p Provider) takes(email string) bool {
	_, domain, _ := strings.Cut(email, "@")
	return slices.Contains(p.Domains, domain)
}

// roleOf returns the most powerful role that a person's claims give them, or
// "".
func (p Provider) roleOf(claims map[string]any) Role {
	if p.RoleClaim == "" {
		return ""
	}
	values, several := claims[p.RoleClaim].([]any)
	if !several {
		values = []any{claims[p.RoleClaim]}
	}
	for _, role := range Roles {
		for _, v := range values {
			if text, ok := v.(string); ok && p.RoleMap[text] == role {
				return role
			}
		}
	}
	return ""
}

// Providers returns a workspace's providers, for the buttons of its sign-in
// page.
func (s *Service) Providers(ctx context.Context, workspaceID string) ([]Provider, error) {
	return s.store.Providers(ctx, workspaceID)
}

// Provider returns one of a workspace's providers.
func (s *Service) Provider(ctx context.Context, workspaceID, id string) (Provider, error) {
	return provider(ctx, s.store, workspaceID, id)
}

func provider(ctx context.Context, r Reader, workspaceID, id string) (Provider, error) {
	all, err := r.Providers(ctx, workspaceID)
	if err != nil {
		return Provider{}, err
	}
	if i := slices.IndexFunc(all, func(p Provider) bool { return p.ID == id }); i >= 0 {
		return all[i], nil
	}
	return Provider{}, ErrNotFound
}

// PutProvider adds a provider or, when it has an id, changes it; an empty
// secret then leaves the present one. ask asks the provider itself whether it
// can be used. An owner lets the provider sign in owners by this; anyone else
// who changes its issuer, client ID or secret ends that.
func (s *Service) PutProvider(ctx context.Context, actor Actor, p Provider, ask func(Provider) error) error {
	if _, err := s.authorizeAct(ctx, s.store, actor, PermitManagePolicies); err != nil {
		return err
	}
	if err := p.check(); err != nil {
		return err
	}
	p.WorkspaceID = actor.WorkspaceID
	action := ActionProviderChanged
	if p.ID == "" {
		p.ID, p.CreatedAt, action = newID(providerIDPrefix, s.clock()), s.clock(), ActionProviderAdded
	} else {
		before, err := s.Provider(ctx, actor.WorkspaceID, p.ID)
		if err != nil {
			return err
		}
		p.CreatedAt = before.CreatedAt
		if p.ClientSecret == "" && p.Issuer == before.Issuer {
			p.ClientSecret = before.ClientSecret
		}
	}
	if err := ask(p); err != nil {
		return err
	}
	return s.act(ctx, actor, PermitManagePolicies, func(tx Tx, a *act) error {
		all, err := tx.Providers(ctx, actor.WorkspaceID)
		if err != nil {
			return err
		}
		if action == ActionProviderAdded && len(all) >= maxProviders {
			return invalid{"name": "There are 10 providers. Remove one first."}.err()
		}
		others := slices.DeleteFunc(slices.Clone(all), func(other Provider) bool { return other.ID == p.ID })
		p.SignsInOwners = a.who.may(PermitManageOwners) || slices.ContainsFunc(all, func(before Provider) bool {
			return before.ID == p.ID && before.SignsInOwners && before.sameClient(p)
		})
		if err := letsOwnersIn(ctx, tx, actor.WorkspaceID, append(others, p)); err != nil {
			return err
		}
		a.record(action, p.ID, map[string]string{"name": p.Name, "issuer": p.Issuer})
		return tx.PutProvider(ctx, p)
	})
}

// RemoveProvider removes a provider, unless members must sign in with one and
// it is the last that signs in owners.
func (s *Service) RemoveProvider(ctx context.Context, actor Actor, id string) error {
	return s.act(ctx, actor, PermitManagePolicies, func(tx Tx, a *act) error {
		all, err := tx.Providers(ctx, actor.WorkspaceID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(p Provider) bool { return p.ID == id })
		if i < 0 {
			return ErrNotFound
		}
		a.record(ActionProviderRemoved, id, map[string]string{"name": all[i].Name, "issuer": all[i].Issuer})
		if err := letsOwnersIn(ctx, tx, actor.WorkspaceID, slices.Delete(all, i, i+1)); err != nil {
			return err
		}
		return tx.DeleteProvider(ctx, actor.WorkspaceID, id)
	})
}
