package workspace_test

import (
	"slices"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// addProvider adds an identity provider for acme.example, which has changes on
// top.
func (o *office) addProvider(by workspace.Actor, alter func(*workspace.Provider)) workspace.Provider {
	o.Helper()
	p := workspace.Provider{Name: "Login", Issuer: "https://login.example", ClientID: "keylodge",
		Domains: []string{"acme.example"}}
	if alter != nil {
		alter(&p)
	}
	if err := o.PutProvider(o.Context(), by, p, func(workspace.Provider) error { return nil }); err != nil {
		o.Fatal(err)
	}
	all, err := o.Providers(o.Context(), o.acme.ID)
	if err != nil {
		o.Fatal(err)
	}
	return all[slices.IndexFunc(all, func(other workspace.Provider) bool { return other.Issuer == p.Issuer })]
}

// signOn signs in as a provider says: with the subject "sub of EMAIL".
func (o *office) signOn(p workspace.Provider, email string,
	alter func(*workspace.ProviderAnswer)) (workspace.SignedInSession, error) {
	a := workspace.ProviderAnswer{Provider: p, Subject: "sub of " + email, Email: email, EmailVerified: true,
		AuthTime: o.clock}
	if alter != nil {
		alter(&a)
	}
	return o.SignInByProvider(o.Context(),
		workspace.SignInRequest{Actor: workspace.Actor{Kind: workspace.ActorStranger, WorkspaceID: o.acme.ID}}, a)
}

// link lets a provider sign a person in.
func (o *office) link(by workspace.Actor, p workspace.Provider, email string) {
	o.Helper()
	by.Proof = workspace.MethodPassword
	if err := o.LinkIdentity(o.Context(), by,
		workspace.ProviderAnswer{Provider: p, Subject: "sub of " + email}); err != nil {
		o.Fatal(err)
	}
}

func (o *office) invite(by workspace.Actor, email string, role workspace.Role) (workspace.Invited, error) {
	o.Helper()
	all, err := o.Invite(o.Context(), by, []string{email}, role)
	if len(all) == 1 {
		return all[0], err
	}
	return workspace.Invited{}, err
}

// roleOf returns the role of the member with an email, or "" when there is
// none.
func (o *office) roleOf(email string) workspace.Role {
	o.Helper()
	user, err := o.db.User(o.Context(), workspace.UserLookup{Email: email})
	if workspace.KindOf(err) == workspace.NotFound {
		return ""
	}
	if err != nil {
		o.Fatal(err)
	}
	m, err := o.db.Member(o.Context(), o.acme.ID, user.ID)
	if err != nil && workspace.KindOf(err) != workspace.NotFound {
		o.Fatal(err)
	}
	return m.Role
}

const (
	ceo      = "ceo@acme.example"
	outsider = "ben@elsewhere.example"
)

// An admin runs a provider that says that they are the invited owner.
func TestProviderHonorsNoOwnerInvitation(t *testing.T) {
	o := newOffice(t)
	admin := o.hire("mei@acme.example", workspace.RoleAdmin)
	invited, err := o.invite(o.dana, ceo, workspace.RoleOwner)
	if err != nil {
		t.Fatal(err)
	}
	p := o.addProvider(admin, func(p *workspace.Provider) {
		p.NewRole, p.RoleClaim, p.RoleMap = workspace.RoleAdmin, "groups",
			map[string]workspace.Role{"all": workspace.RoleAdmin}
	})
	_, err = o.signOn(p, ceo, func(a *workspace.ProviderAnswer) { a.Claims = map[string]any{"groups": "all"} })
	expectKind(t, "the owner's invitation by a provider's word", err, workspace.Forbidden)
	if _, err := o.db.User(t.Context(), workspace.UserLookup{Email: ceo}); workspace.KindOf(err) != workspace.NotFound {
		t.Errorf("there is an account in the name of the invited owner: %v", err)
	}
	if _, err := o.AcceptInvitation(t.Context(), workspace.SignInRequest{Actor: o.dana},
		workspace.Acceptance{Token: invited.Token, Name: "Ceo", Password: password}); err != nil ||
		o.roleOf(ceo) != workspace.RoleOwner {
		t.Errorf("the link makes %q: %v", o.roleOf(ceo), err)
	}
}

// An account that is linked and has a confirmed email is its owner's, whoever
// runs the provider.
func TestProviderHonorsOwnerInvitationOfConfirmedAccount(t *testing.T) {
	o := newOffice(t)
	p := o.addProvider(o.dana, nil)
	_, member, err := o.CreateWorkspace(t.Context(), workspace.NewWorkspace{
		Name: "Beta", Slug: "beta", OwnerEmail: ceo, OwnerPassword: password,
	})
	if err != nil {
		t.Fatal(err)
	}
	o.link(o.person(member), p, ceo)
	if _, err := o.invite(o.dana, ceo, workspace.RoleOwner); err != nil {
		t.Fatal(err)
	}
	if _, err := o.signOn(p, ceo, nil); err != nil || o.roleOf(ceo) != workspace.RoleOwner {
		t.Errorf("the account with a confirmed email is %q: %v", o.roleOf(ceo), err)
	}
}

// An owner promotes the account that an admin's provider has made in another
// person's name.
func TestAccountMadeByAProviderBecomesNoOwner(t *testing.T) {
	o := newOffice(t)
	admin := o.hire("mei@acme.example", workspace.RoleAdmin)
	p := o.addProvider(admin, func(p *workspace.Provider) { p.NewRole = workspace.RoleAdmin })
	in, err := o.signOn(p, ceo, nil)
	if err != nil {
		t.Fatal(err)
	}
	promote := func() error {
		_, err := o.ChangeMember(t.Context(), o.dana, in.Member.UserID,
			func(m *workspace.Member) { m.Role = workspace.RoleOwner })
		return err
	}
	expectKind(t, "an account that only the provider vouches for", promote(), workspace.Invalid)
	link, err := o.NewResetLink(t.Context(), ceo)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.ResetPassword(t.Context(), o.dana, link, password); err != nil {
		t.Fatal(err)
	}
	if err := promote(); err != nil || o.roleOf(ceo) != workspace.RoleOwner {
		t.Errorf("the confirmed account is %q: %v", o.roleOf(ceo), err)
	}
	if _, err := o.signOn(p, ceo, nil); err == nil {
		t.Error("the provider signs the owner in")
	}
}

func TestProviderHonorsInvitationsOfItsDomainsOnly(t *testing.T) {
	for name, test := range map[string]struct {
		domains []string
		email   string
		honored bool
	}{
		"its domain":     {[]string{"acme.example"}, "new@acme.example", true},
		"another domain": {[]string{"acme.example"}, outsider, false},
		"a subdomain":    {[]string{"acme.example"}, "new@mail.acme.example", false},
		"no domains":     {nil, "new@acme.example", false},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			p := o.addProvider(o.dana, func(p *workspace.Provider) { p.Domains = test.domains })
			if _, err := o.invite(o.dana, test.email, workspace.RoleAdmin); err != nil {
				t.Fatal(err)
			}
			_, err := o.signOn(p, test.email, nil)
			if (err == nil) != test.honored || (o.roleOf(test.email) == workspace.RoleAdmin) != test.honored {
				t.Errorf("the member is %q: %v", o.roleOf(test.email), err)
			}
		})
	}
}

func TestRoleThatFollowsAClaimGoesAway(t *testing.T) {
	bosses := func(p *workspace.Provider) {
		p.RoleClaim, p.RoleMap = "groups", map[string]workspace.Role{"bosses": workspace.RoleAdmin}
	}
	withDefault := func(p *workspace.Provider) {
		bosses(p)
		p.NewRole = workspace.RoleAuditor
	}
	for name, test := range map[string]struct {
		alter  func(*workspace.Provider)
		before workspace.Role
		claims map[string]any
		want   workspace.Role
	}{
		"the value is still there": {withDefault, workspace.RoleAdmin,
			map[string]any{"groups": []any{"staff", "bosses"}}, workspace.RoleAdmin},
		"another value": {withDefault, workspace.RoleAdmin,
			map[string]any{"groups": []any{"staff"}}, workspace.RoleAuditor},
		"no value": {withDefault, workspace.RoleAdmin, map[string]any{"groups": []any{}},
			workspace.RoleAuditor},
		"no claim": {withDefault, workspace.RoleAdmin, nil, workspace.RoleAuditor},
		"a claim that is no text": {withDefault, workspace.RoleAdmin,
			map[string]any{"groups": map[string]any{"bosses": true}}, workspace.RoleAuditor},
		"no claim and nobody may join":       {bosses, workspace.RoleAdmin, nil, workspace.RoleMember},
		"no claim and a lower role than new": {withDefault, workspace.RoleMember, nil, workspace.RoleAuditor},
		"an owner without the value":         {withDefault, workspace.RoleOwner, nil, workspace.RoleOwner},
		"an owner with the value": {withDefault, workspace.RoleOwner, map[string]any{"groups": "bosses"},
			workspace.RoleOwner},
		"a provider without a role claim": {nil, workspace.RoleAdmin, nil, workspace.RoleAdmin},
		"no role claim but a role for new ones": {func(p *workspace.Provider) { p.NewRole = workspace.RoleAuditor },
			workspace.RoleAdmin, nil, workspace.RoleAdmin},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			p := o.addProvider(o.dana, test.alter)
			o.link(o.hire("mei@acme.example", test.before), p, "mei@acme.example")
			if _, err := o.signOn(p, "mei@acme.example",
				func(a *workspace.ProviderAnswer) { a.Claims = test.claims }); err != nil {
				t.Fatal(err)
			}
			if got := o.roleOf("mei@acme.example"); got != test.want {
				t.Errorf("Mei is %q, want %q", got, test.want)
			}
		})
	}
}

func TestAdminCannotReplaceOrWithdrawAnOwnersInvitation(t *testing.T) {
	o := newOffice(t)
	admin := o.hire("mei@acme.example", workspace.RoleAdmin)
	invited, err := o.invite(o.dana, ceo, workspace.RoleOwner)
	if err != nil {
		t.Fatal(err)
	}
	open, err := o.InvitationOf(t.Context(), o.acme.ID, invited.Token)
	if err != nil {
		t.Fatal(err)
	}
	again, err := o.invite(admin, ceo, workspace.RoleDeveloper)
	if err != nil || again.Token != "" && again.Failed == "" {
		t.Errorf("an admin replaces it: %+v %v", again, err)
	}
	expectKind(t, "an admin withdraws it", o.WithdrawInvitation(t.Context(), admin, open.ID), workspace.Forbidden)
	if still, err := o.InvitationOf(t.Context(), o.acme.ID, invited.Token); err != nil ||
		still.Role != workspace.RoleOwner {
		t.Errorf("the invitation is %+v: %v", still, err)
	}
	boss, owner := workspace.Member{Role: workspace.RoleAdmin, Active: true},
		workspace.Member{Role: workspace.RoleOwner, Active: true}
	if workspace.MayReplace(boss, open) || !workspace.MayReplace(owner, open) {
		t.Error("the page offers it to an admin, or not to an owner")
	}
	if again, err := o.invite(o.dana, ceo, workspace.RoleDeveloper); err != nil || !again.Replaced {
		t.Errorf("an owner can't replace it: %+v %v", again, err)
	}
}
