package workspace_test

import (
	"sync"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// changeProvider saves changes of a provider, and returns it as it then is.
func (o *office) changeProvider(by workspace.Actor, p workspace.Provider,
	alter func(*workspace.Provider)) workspace.Provider {
	o.Helper()
	form := p
	form.ClientSecret = "" // which the page never sends back
	if alter != nil {
		alter(&form)
	}
	if err := o.PutProvider(o.Context(), by, form, func(workspace.Provider) error { return nil }); err != nil {
		o.Fatal(err)
	}
	after, err := o.Provider(o.Context(), o.acme.ID, p.ID)
	if err != nil {
		o.Fatal(err)
	}
	return after
}

const dana = "dana@acme.example"

// An owner's own account is linked to a provider that an admin runs: the admin
// could sign in as the owner.
func TestProviderSignsInOwnersOnceAnOwnerHasSavedIt(t *testing.T) {
	o := newOffice(t)
	admin := o.hire("mei@acme.example", workspace.RoleAdmin)
	p := o.addProvider(admin, nil)
	owner := o.actorOf(o.session())
	link := func() error {
		return o.LinkIdentity(t.Context(), owner, workspace.ProviderAnswer{Provider: p, Subject: "sub of " + dana})
	}
	expectKind(t, "linking an owner to an admin's provider", link(), workspace.Forbidden)
	if e, err := o.ProviderRefusal(t.Context(), admin, p.ID); err != nil ||
		e.Details["error"] != workspace.ProviderRefusedOwner {
		t.Errorf("the admins see %v, %v", e.Details, err)
	}
	p = o.changeProvider(o.dana, p, nil)
	if err := link(); err != nil {
		t.Fatal(err)
	}
	if _, err := o.signOn(p, dana, nil); err != nil {
		t.Errorf("once the owner has saved it: %v", err)
	}
	p = o.changeProvider(admin, p, func(p *workspace.Provider) { p.Name = "Login at Acme" })
	if _, err := o.signOn(p, dana, nil); err != nil {
		t.Errorf("once an admin has renamed it: %v", err)
	}
}

func TestAdminWhoChangesAProviderSignsInNoOwner(t *testing.T) {
	for name, change := range map[string]func(*workspace.Provider){
		"the client ID": func(p *workspace.Provider) { p.ClientID = "mallory" },
		"the secret":    func(p *workspace.Provider) { p.ClientSecret = "mallory" },
		"the issuer":    func(p *workspace.Provider) { p.Issuer = "https://evil.example" },
		"the issuer, and back": func(p *workspace.Provider) {
			p.Issuer = "https://evil.example"
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			admin := o.hire("mei@acme.example", workspace.RoleAdmin)
			before := o.addProvider(o.dana, func(p *workspace.Provider) { p.ClientSecret = "secret" })
			owner := o.dana
			owner.Proof = workspace.MethodPassword
			o.link(owner, before, dana)
			in, err := o.signOn(before, dana, nil)
			if err != nil {
				t.Fatal(err)
			}
			after := o.changeProvider(admin, before, change)
			if name == "the issuer, and back" {
				after = o.changeProvider(admin, after, func(p *workspace.Provider) {
					p.Issuer, p.ClientSecret = before.Issuer, before.ClientSecret
				})
			}
			refused := map[string]workspace.Provider{"a provider that was asked before the change": before}
			if after.Issuer == before.Issuer {
				refused["the provider"] = after
			}
			for what, p := range refused {
				_, err = o.signOn(p, dana, nil)
				expectKind(t, what+" signs in", err, workspace.Forbidden)
				answer := workspace.ProviderAnswer{Provider: p, Subject: "sub of " + dana, AuthTime: o.clock}
				_, err = o.StepUpByProvider(t.Context(), workspace.SignInRequest{Actor: o.actorOf(in),
					Member: in.Member}, answer)
				expectKind(t, what+" steps up", err, workspace.Forbidden)
			}
			o.confirm(&owner, workspace.MethodPassword)
			err = o.LinkIdentity(t.Context(), owner, workspace.ProviderAnswer{Provider: after, Subject: "another"})
			expectKind(t, "the provider is linked", err, workspace.Forbidden)
			if after = o.changeProvider(o.dana, after, nil); !after.SignsInOwners {
				t.Error("an owner saved it, and it signs in no owners")
			}
		})
	}
}

// A member whom an admin's provider signs in becomes an owner.
func TestNewOwnerLosesTheSessionsOfAProvider(t *testing.T) {
	const mei = "mei@acme.example"
	bothEngines(t, func(t *testing.T, dsn string) {
		o := officeOn(t, dsn)
		admin := o.hire("sam@acme.example", workspace.RoleAdmin)
		p := o.addProvider(admin, nil)
		member := o.hire(mei, workspace.RoleDeveloper)
		o.link(member, p, mei)
		first, err := o.signOn(p, mei, nil)
		if err != nil {
			t.Fatal(err)
		}
		tokens := make([]string, 4)
		var all sync.WaitGroup
		for i := range tokens {
			all.Go(func() {
				in, err := o.signOn(p, mei, nil)
				switch workspace.KindOf(err) {
				case workspace.Internal:
					if err != nil {
						t.Error(err)
					}
				case workspace.Forbidden, workspace.Unauthenticated:
				default:
					t.Error(err)
				}
				tokens[i] = in.Token
			})
		}
		all.Go(func() {
			_, err := o.ChangeMember(t.Context(), o.dana, member.UserID,
				func(m *workspace.Member) { m.Role = workspace.RoleOwner })
			if err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		for _, token := range append(tokens, first.Token) {
			_, _, err := o.Authenticate(t.Context(), o.acme.ID, token)
			expectKind(t, "a session by the provider", err, workspace.Unauthenticated)
		}
		_, err = o.signOn(p, mei, nil)
		expectKind(t, "the provider signs in the new owner", err, workspace.Forbidden)
	})
}

// An invitation of an owner counts by a provider that signs in owners.
func TestAdminsProviderHonorsNoOwnersInvitation(t *testing.T) {
	o := newOffice(t)
	p := o.addProvider(o.hire("mei@acme.example", workspace.RoleAdmin), nil)
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
	_, err = o.signOn(p, ceo, nil)
	expectKind(t, "joining as an owner", err, workspace.Forbidden)
	if role := o.roleOf(ceo); role != "" {
		t.Errorf("the invited owner is %q", role)
	}
}

// While members must sign in with a provider, one of them signs in owners.
func TestRequiredProviderLocksNoOwnerOut(t *testing.T) {
	o := newOffice(t)
	admin := o.hire("mei@acme.example", workspace.RoleAdmin)
	p := o.addProvider(admin, nil)
	o.link(admin, p, "mei@acme.example")
	in, err := o.signOn(p, "mei@acme.example", nil)
	if err != nil {
		t.Fatal(err)
	}
	admin = o.actorOf(in)
	require := func() error { return o.SetSignInPolicy(t.Context(), admin, workspace.RequireProvider, 0) }
	expectKind(t, "requiring a provider that no owner has saved", require(), workspace.Invalid)
	p = o.changeProvider(o.dana, p, nil)
	expectKind(t, "requiring one that an owner has saved", require(), workspace.Internal)
	put := func(alter func(*workspace.Provider)) error {
		form := p
		alter(&form)
		return o.PutProvider(t.Context(), admin, form, func(workspace.Provider) error { return nil })
	}
	expectKind(t, "an admin changes its client ID", put(func(p *workspace.Provider) { p.ClientID = "mallory" }),
		workspace.Conflict)
	expectKind(t, "an admin adds another", put(func(p *workspace.Provider) {
		p.ID, p.Issuer = "", "https://b.example"
	}),
		workspace.Internal)
	expectKind(t, "an admin removes it", o.RemoveProvider(t.Context(), admin, p.ID), workspace.Conflict)
	expectKind(t, "an admin renames it", put(func(p *workspace.Provider) { p.Name = "SSO" }), workspace.Internal)
}
