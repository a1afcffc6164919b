package templates

import (
	"strings"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// ProvidersView lists the identity providers of the workspace.
type ProvidersView struct {
	Layout
	Providers []workspace.Provider
	Callback  string // the redirect URL to register at providers
	Notice    string
}

// ProviderForm is the form of an identity provider. Its client secret is never
// sent to the browser.
type ProviderForm struct {
	Provider workspace.Provider
	Scopes   string          // as typed
	Domains  string          // as typed
	RoleMap  string          // as typed
	Refused  workspace.Event // the newest error of the provider, or a zero event
	Callback string
	Errors   workspace.Fields
}

var providerFields = []string{"name", "issuer", "client_id", "client_secret", "scopes", "new_role", "domains",
	"role_claim", "role_map"}

// whoMayJoin says who becomes a member by signing in with a provider.
func whoMayJoin(p workspace.Provider) string {
	if p.NewRole == "" && p.RoleClaim == "" || len(p.Domains) == 0 {
		return "Invited people"
	}
	return strings.Join(p.Domains, ", ")
}

func (f ProviderForm) action() string {
	if f.Provider.ID == "" {
		return paths.Providers
	}
	return paths.Provider(f.Provider.ID)
}

func (f ProviderForm) title() string {
	if f.Provider.ID == "" {
		return "Add identity provider"
	}
	return "Identity provider"
}

func (f ProviderForm) secretHint() string {
	if f.Provider.ID == "" {
		return "Leave it empty for a public client."
	}
	return "It is not shown. Leave it empty to keep it."
}

// owners reports whether owners can sign in with the provider, and what the
// viewer's save changes about that; "" when it changes nothing.
func (f ProviderForm) owners(viewer workspace.Member) string {
	isOwner, now := viewer.Role.May(workspace.PermitManageOwners), f.Provider.SignsInOwners
	switch {
	case isOwner && !now:
		return "Once you save it, owners can sign in with this provider, so whoever runs it can sign in as an owner."
	case !isOwner && !now:
		return "Owners can’t sign in with this provider until an owner saves it."
	case !isOwner && now:
		return "If you change the issuer, client ID or secret, owners can’t sign in with it until an owner saves it."
	}
	return ""
}

// opensJoining reports whether a folded field has a value or an error.
func (f ProviderForm) opensJoining() bool {
	return f.Provider.NewRole != "" || f.Domains+f.Provider.RoleClaim+f.RoleMap != "" ||
		f.Errors["new_role"]+f.Errors["domains"]+f.Errors["role_claim"]+f.Errors["role_map"] != ""
}

func newRoleChoices() []option {
	choices := []option{{"", "Nothing: they must be invited"}}
	return append(choices, roleChoices(workspace.Roles[1:])...)
}
