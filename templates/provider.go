package templates

import (
	"strings"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// ProvidersView is with which identity providers members may sign in.
type ProvidersView struct {
	Layout
	Providers []workspace.Provider
	Callback  string // where providers send browsers back to
	Notice    string
}

// ProviderForm asks what an identity provider should be. Its secret is never
// sent back to the browser.
type ProviderForm struct {
	Provider workspace.Provider
	Scopes   string          // as they were typed
	Domains  string          // as they were typed
	RoleMap  string          // as it was typed
	Refused  workspace.Event // the newest error that the provider answered with, or a zero event
	Callback string
	Errors   workspace.Fields
}

var providerFields = []string{"name", "issuer", "client_id", "client_secret", "scopes", "new_role", "domains",
	"role_claim", "role_map"}

// whoMayJoin says who becomes a member by signing in.
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

// owners says whether owners can sign in with the provider, and what the
// viewer's save changes about that; "" when it changes nothing.
func (f ProviderForm) owners(viewer workspace.Member) string {
	isOwner, now := viewer.Role.May(workspace.ManageOwners), f.Provider.SignsInOwners
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

// opensJoining says whether something is set, or wrong, in what is folded away.
func (f ProviderForm) opensJoining() bool {
	return f.Provider.NewRole != "" || f.Domains+f.Provider.RoleClaim+f.RoleMap != "" ||
		f.Errors["new_role"]+f.Errors["domains"]+f.Errors["role_claim"]+f.Errors["role_map"] != ""
}

func newRoleChoices() []option {
	choices := []option{{"", "Nothing: they must be invited"}}
	return append(choices, roleChoices(workspace.Roles[1:])...)
}
