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
	return o.SignInByProvider(o.Context(), workspace.Actor{Kind: workspace.ByStranger, WorkspaceID: o.acme.ID}, a, "")
}

// link lets a provider sign a person in.
func (o *office) link(by workspace.Actor, p workspace.Provider, email string) {
	o.Helper()
	by.Proof = workspace.ByPassword
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
	admin := o.hire("mei@acme.example", workspace.Admin)
	invited, err := o.invite(o.dana, ceo, workspace.Owner)
	if err != nil {
		t.Fatal(err)
	}
	p := o.addProvider(admin, func(p *workspace.Provider) {
		p.NewRole, p.RoleClaim, p.RoleMap = workspace.Admin, "groups", map[string]workspace.Role{"all": workspace.Admin}
	})
	_, err = o.signOn(p, ceo, func(a *workspace.ProviderAnswer) { a.Claims = map[string]any{"groups": "all"} })
	expectKind(t, "the owner's invitation by a provider's word", err, workspace.Forbidden)
	if _, err := o.db.User(t.Context(), workspace.UserLookup{Email: ceo}); workspace.KindOf(err) != workspace.NotFound {
		t.Errorf("there is an account in the name of the invited owner: %v", err)
	}
	if _, err := o.AcceptInvitation(t.Context(), o.dana, invited.Token, "Ceo", password, ""); err != nil ||
		o.roleOf(ceo) != workspace.Owner {
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
	if _, err := o.invite(o.dana, ceo, workspace.Owner); err != nil {
		t.Fatal(err)
	}
	if _, err := o.signOn(p, ceo, nil); err != nil || o.roleOf(ceo) != workspace.Owner {
		t.Errorf("the account with a confirmed email is %q: %v", o.roleOf(ceo), err)
	}
}

// An owner promotes the account that an admin's provider has made in another
// person's name.
func TestAccountMadeByAProviderBecomesNoOwner(t *testing.T) {
	o := newOffice(t)
	admin := o.hire("mei@acme.example", workspace.Admin)
	p := o.addProvider(admin, func(p *workspace.Provider) { p.NewRole = workspace.Admin })
	in, err := o.signOn(p, ceo, nil)
	if err != nil {
		t.Fatal(err)
	}
	promote := func() error {
		_, err := o.ChangeMember(t.Context(), o.dana, in.Member.UserID, func(m *workspace.Member) { m.Role = workspace.Owner })
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
	if err := promote(); err != nil || o.roleOf(ceo) != workspace.Owner {
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
			if _, err := o.invite(o.dana, test.email, workspace.Admin); err != nil {
				t.Fatal(err)
			}
			_, err := o.signOn(p, test.email, nil)
			if (err == nil) != test.honored || (o.roleOf(test.email) == workspace.Admin) != test.honored {
				t.Errorf("the member is %q: %v", o.roleOf(test.email), err)
			}
		})
	}
}

func TestRoleThatFollowsAClaimGoesAway(t *testing.T) {
	bosses := func(p *workspace.Provider) {
		p.RoleClaim, p.RoleMap = "groups", map[string]workspace.Role{"bosses": workspace.Admin}
	}
	withDefault := func(p *workspace.Provider) {
		bosses(p)
		p.NewRole = workspace.Auditor
	}
	for name, test := range map[string]struct {
		alter  func(*workspace.Provider)
		before workspace.Role
		claims map[string]any
		want   workspace.Role
	}{
		"the value is still there": {withDefault, workspace.Admin,
			map[string]any{"groups": []any{"staff", "bosses"}}, workspace.Admin},
		"another value": {withDefault, workspace.Admin,
			map[string]any{"groups": []any{"staff"}}, workspace.Auditor},
		"no value": {withDefault, workspace.Admin, map[string]any{"groups": []any{}},
			workspace.Auditor},
		"no claim": {withDefault, workspace.Admin, nil, workspace.Auditor},
		"a claim that is no text": {withDefault, workspace.Admin,
			map[string]any{"groups": map[string]any{"bosses": true}}, workspace.Auditor},
		"no claim and nobody may join":       {bosses, workspace.Admin, nil, workspace.Plain},
		"no claim and a lower role than new": {withDefault, workspace.Plain, nil, workspace.Auditor},
		"an owner without the value":         {withDefault, workspace.Owner, nil, workspace.Owner},
		"an owner with the value": {withDefault, workspace.Owner, map[string]any{"groups": "bosses"},
			workspace.Owner},
		"a provider without a role claim": {nil, workspace.Admin, nil, workspace.Admin},
		"no role claim but a role for new ones": {func(p *workspace.Provider) { p.NewRole = workspace.Auditor },
			workspace.Admin, nil, workspace.Admin},
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
	admin := o.hire("mei@acme.example", workspace.Admin)
	invited, err := o.invite(o.dana, ceo, workspace.Owner)
	if err != nil {
		t.Fatal(err)
	}
	open, err := o.InvitationOf(t.Context(), o.acme.ID, invited.Token)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := o.invite(admin, ceo, workspace.Developer); err != nil || again.Token != "" && again.Failed == "" {
		t.Errorf("an admin replaces it: %+v %v", again, err)
	}
	expectKind(t, "an admin withdraws it", o.WithdrawInvitation(t.Context(), admin, open.ID), workspace.Forbidden)
	if still, err := o.InvitationOf(t.Context(), o.acme.ID, invited.Token); err != nil ||
		still.Role != workspace.Owner {
		t.Errorf("the invitation is %+v: %v", still, err)
	}
	boss, owner := workspace.Member{Role: workspace.Admin, Active: true},
		workspace.Member{Role: workspace.Owner, Active: true}
	if workspace.MayReplace(boss, open) || !workspace.MayReplace(owner, open) {
		t.Error("the page offers it to an admin, or not to an owner")
	}
	if again, err := o.invite(o.dana, ceo, workspace.Developer); err != nil || !again.Replaced {
		t.Errorf("an owner can't replace it: %+v %v", again, err)
	}
}
