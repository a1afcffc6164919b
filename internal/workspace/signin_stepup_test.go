package workspace_test

import (
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// A person, or whoever sits at their browser, signs in by a provider that asked
// them who they are hours ago, or doesn't say.
func TestSigningInAgainByAProviderIsNoStepUp(t *testing.T) {
	for name, test := range map[string]struct {
		ago   time.Duration
		told  bool
		fresh bool
	}{
		"just now":                 {0, true, true},
		"nine minutes ago":         {9 * time.Minute, true, true},
		"ten minutes ago":          {10 * time.Minute, true, false},
		"hours ago":                {3 * time.Hour, true, false},
		"a minute to come":         {-time.Minute, true, true},
		"it does not say":          {0, false, false},
		"before there were clocks": {100 * 365 * 24 * time.Hour, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			p := o.addProvider(o.dana, nil)
			o.link(o.dana, p, "dana@acme.example")
			in, err := o.signOn(p, "dana@acme.example", func(a *workspace.ProviderAnswer) {
				a.AuthTime = time.Time{}
				if test.told {
					a.AuthTime = o.clock.Add(-test.ago)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			dana := o.actorOf(in)
			if dana.ProvenAt.After(o.clock) {
				t.Errorf("it was proven at %s, which is yet to come", dana.ProvenAt)
			}
			want := workspace.Unproven
			if test.fresh {
				want = workspace.Internal
			}
			expectKind(t, "an act that wants step-up", o.RequireFreshProof(dana), want)
			_, err = o.Invite(t.Context(), dana, []string{ceo}, workspace.RoleOwner)
			expectKind(t, "inviting an owner", err, want)
			o.clock = o.clock.Add(10 * time.Minute)
			expectKind(t, "ten minutes later", o.RequireFreshProof(dana), workspace.Unproven)
		})
	}
}

func TestStepUpByAProvider(t *testing.T) {
	for name, test := range map[string]struct {
		alter func(*workspace.ProviderAnswer, time.Time)
		kind  workspace.Kind
	}{
		"asked just now": {func(a *workspace.ProviderAnswer, now time.Time) { a.AuthTime = now }, workspace.Internal},
		"asked long ago": {func(a *workspace.ProviderAnswer, now time.Time) { a.AuthTime = now.Add(-time.Hour) },
			workspace.Forbidden},
		"not told": {func(a *workspace.ProviderAnswer, _ time.Time) { a.AuthTime = time.Time{} },
			workspace.Forbidden},
		"someone else": {func(a *workspace.ProviderAnswer, now time.Time) { a.AuthTime, a.Subject = now, "eve" },
			workspace.Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			p := o.addProvider(o.dana, nil)
			o.link(o.dana, p, "dana@acme.example")
			in, err := o.signOn(p, "dana@acme.example", nil)
			if err != nil {
				t.Fatal(err)
			}
			o.clock = o.clock.Add(11 * time.Minute)
			a := workspace.ProviderAnswer{Provider: p, Subject: "sub of dana@acme.example"}
			test.alter(&a, o.clock)
			again, err := o.StepUpByProvider(t.Context(), workspace.SignInRequest{Actor: o.actorOf(in),
				Member: in.Member}, a)
			expectKind(t, "the step-up", err, test.kind)
			if err == nil {
				expectKind(t, "an act that wants step-up", o.RequireFreshProof(o.actorOf(again)), workspace.Internal)
			}
		})
	}
}

// Who has nothing but a provider that does not say when it asked them can still
// get something to confirm with.
func TestFirstMethodWithoutATimeOfProof(t *testing.T) {
	const mei = "mei@acme.example"
	untold := func(a *workspace.ProviderAnswer) { a.AuthTime = time.Time{} }
	signedOn := func(t *testing.T, alter func(*workspace.ProviderAnswer)) (*office, workspace.Provider,
		workspace.Actor) {
		o := newOffice(t)
		p := o.addProvider(o.dana, func(p *workspace.Provider) { p.NewRole = workspace.RoleAdmin })
		in, err := o.signOn(p, mei, alter)
		if err != nil {
			t.Fatal(err)
		}
		return o, p, o.actorOf(in)
	}
	setPassword := func(o *office, by workspace.Actor) (workspace.Actor, error) {
		in, err := o.ChangePassword(o.Context(), workspace.SignInRequest{Actor: by},
			workspace.PasswordChange{Current: "", New: "another horse battery"})
		if err != nil {
			return workspace.Actor{}, err
		}
		return o.actorOf(in), nil
	}
	t.Run("within ten minutes of the sign-in", func(t *testing.T) {
		o, _, actor := signedOn(t, untold)
		expectKind(t, "an act that wants step-up", o.RequireFreshProof(actor), workspace.Unproven)
		after, err := setPassword(o, actor)
		expectKind(t, "a first password", err, workspace.Internal)
		expectKind(t, "which is no proof by itself", o.RequireFreshProof(after), workspace.Unproven)
		_, err = setPassword(o, after)
		if err == nil {
			t.Error("a second one is set without the first")
		}
	})
	t.Run("later", func(t *testing.T) {
		o, _, actor := signedOn(t, untold)
		o.clock = o.clock.Add(10 * time.Minute)
		_, err := setPassword(o, actor)
		expectKind(t, "a first password", err, workspace.Unproven)
	})
	t.Run("a provider that says hours ago", func(t *testing.T) {
		o, _, actor := signedOn(t, func(a *workspace.ProviderAnswer) { a.AuthTime = a.AuthTime.Add(-time.Hour) })
		_, err := setPassword(o, actor)
		expectKind(t, "a first password", err, workspace.Unproven)
	})
	t.Run("an account with a password", func(t *testing.T) {
		o := newOffice(t)
		p := o.addProvider(o.dana, nil)
		o.link(o.dana, p, "dana@acme.example")
		in, err := o.signOn(p, "dana@acme.example", untold)
		if err != nil {
			t.Fatal(err)
		}
		expectKind(t, "another method", o.RequireOwnProof(t.Context(), o.actorOf(in)), workspace.Unproven)
	})
	t.Run("an account with two providers", func(t *testing.T) {
		o, _, actor := signedOn(t, nil)
		evil := o.addProvider(o.dana, func(p *workspace.Provider) { p.Issuer = "https://evil.example" })
		if err := o.LinkIdentity(t.Context(), actor,
			workspace.ProviderAnswer{Provider: evil, Subject: "sub of " + mei}); err != nil {
			t.Fatal(err)
		}
		in, err := o.signOn(evil, mei, untold)
		if err != nil {
			t.Fatal(err)
		}
		expectKind(t, "a method by the word of one", o.RequireOwnProof(t.Context(), o.actorOf(in)), workspace.Forbidden)
	})
}
