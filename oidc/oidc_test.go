package oidc

import (
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/oidctest"
	"github.com/keylodge/keylodge/workspace"
)

const redirectURL = "https://keys.example/sign-in/back"

var ada = oidctest.Person{
	Subject: "0001", Email: "ada@example.com", EmailVerified: true, Name: "Ada Lovelace",
	Claims: map[string]any{"groups": []string{"engines"}},
}

// visit is a sign-in at a fake provider.
type visit struct {
	client   *Client
	fake     *oidctest.Provider
	provider Provider
	subject  string // that the provider knows Ada by
	pending  Pending
	callback url.Values
}

// newVisit returns a visit of Ada's that has not begun.
func newVisit(t *testing.T) *visit {
	fake := oidctest.New(t)
	fake.SignInAs(ada)
	return &visit{
		client: NewClient(true), fake: fake, subject: ada.Subject,
		provider: Provider{Issuer: fake.URL(), ClientID: fake.ClientID, ClientSecret: fake.ClientSecret},
	}
}

// begin goes to the provider and back.
func (v *visit) begin(t *testing.T) {
	t.Helper()
	address, pending, err := v.client.Begin(t.Context(), v.provider, redirectURL)
	if err != nil {
		t.Fatal(err)
	}
	v.pending, v.callback = pending, v.fake.Visit(t, address)
}

func (v *visit) finish(t *testing.T) (Identity, error) {
	return v.client.Finish(t.Context(), v.provider, redirectURL, v.pending, v.callback)
}

// wantKind fails the test when err is not of a kind, or holds what no log may.
func (v *visit) wantKind(t *testing.T, err error, kind workspace.Kind) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if got := workspace.KindOf(err); got != kind {
		t.Errorf("kind %d, want %d: %v", got, kind, err)
	}
	secrets := append(v.fake.Secrets(), v.pending.State, v.pending.Nonce, v.pending.Verifier)
	for _, secret := range secrets {
		if secret != "" && (strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), url.QueryEscape(secret))) {
			t.Errorf("the error tells a secret: %v", err)
		}
	}
	if len(err.Error()) > 500 {
		t.Errorf("the error has %d bytes", len(err.Error()))
	}
}

func TestBegin(t *testing.T) {
	v := newVisit(t)
	address, pending, err := v.client.Begin(t.Context(), v.provider, redirectURL)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	got := u.Query()
	challenge := got.Get("code_challenge")
	got.Del("code_challenge")
	want := url.Values{
		"client_id": {v.provider.ClientID}, "redirect_uri": {redirectURL}, "response_type": {"code"}, "scope": {"openid email profile"},
		"state": {pending.State}, "nonce": {pending.Nonce}, "code_challenge_method": {"S256"},
	}
	if got.Encode() != want.Encode() {
		t.Errorf("asks for %v, want %v", got, want)
	}
	if len(challenge) != 43 || challenge == pending.Verifier {
		t.Errorf("the challenge is %q", challenge)
	}
	if _, again, _ := v.client.Begin(t.Context(), v.provider, redirectURL); again.State == pending.State ||
		again.Nonce == pending.Nonce || again.Verifier == pending.Verifier {
		t.Error("two sign-ins have something in common")
	}
}

func TestFinish(t *testing.T) {
	for name, prepare := range map[string]func(v *visit){
		"RS256":                  func(v *visit) {},
		"PS256":                  func(v *visit) { v.fake.SignWith("PS256") },
		"ES256":                  func(v *visit) { v.fake.SignWith("ES256") },
		"EdDSA":                  func(v *visit) { v.fake.SignWith("EdDSA") },
		"public client":          func(v *visit) { v.fake.ClientSecret, v.provider.ClientSecret = "", "" },
		"secret in the form":     func(v *visit) { v.fake.Misbehave(oidctest.SecretInForm) },
		"email in userinfo only": func(v *visit) { v.fake.Misbehave(oidctest.EmailInUserInfoOnly) },
		"we are the party of several": func(v *visit) {
			v.fake.Misbehave(oidctest.Claim("aud", []string{"another", v.provider.ClientID}), oidctest.Claim("azp", v.provider.ClientID))
		},
		"subject by a look-alike name": func(v *visit) { v.fake.Misbehave(oidctest.Claim("ſub", "somebody else")) },
		"clock a minute ahead":         func(v *visit) { v.fake.Misbehave(oidctest.ClaimAt("iat", time.Minute)) },
		"never names itself":           func(v *visit) { v.fake.Misbehave(oidctest.NamesItselfNever, oidctest.NoIssuerInCallback) },
		"subject as long as it may be": func(v *visit) { v.be(strings.Repeat("s", 255)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVisit(t)
			prepare(v)
			v.begin(t)
			got, err := v.finish(t)
			if err != nil {
				t.Fatal(err)
			}
			if got.Issuer != v.fake.URL() || got.Subject != v.subject {
				t.Errorf("is %q of %q", got.Subject, got.Issuer)
			}
			if got.Email != ada.Email || !got.EmailVerified || got.Name != ada.Name {
				t.Errorf("is %+v", got)
			}
			if groups, _ := got.Claims["groups"].([]any); len(groups) != 1 || groups[0] != "engines" {
				t.Errorf("claims %v", got.Claims)
			}
			if ago := time.Since(got.AuthTime); ago < time.Minute || ago > 2*time.Minute {
				t.Errorf("signed in %s ago", ago)
			}
		})
	}
}

// be makes the provider know Ada by another subject.
func (v *visit) be(subject string) {
	person := ada
	person.Subject, v.subject = subject, subject
	v.fake.SignInAs(person)
}

// Whether an email is verified is told by a boolean, and by who tells the email.
func TestEmailVerified(t *testing.T) {
	userInfoSays := func(claims map[string]any) oidctest.Fault {
		return oidctest.Fault{UserInfo: func(_ *oidctest.Provider, c map[string]any) {
			delete(c, "email_verified")
			maps.Copy(c, claims)
		}}
	}
	for name, test := range map[string]struct {
		faults []oidctest.Fault
		email  string
		want   bool
	}{
		"true":           {nil, ada.Email, true},
		"false":          {[]oidctest.Fault{oidctest.Claim("email_verified", false)}, ada.Email, false},
		"the string":     {[]oidctest.Fault{oidctest.VerifiedAsString}, ada.Email, false},
		"the number":     {[]oidctest.Fault{oidctest.Claim("email_verified", 1)}, ada.Email, false},
		"not told":       {[]oidctest.Fault{oidctest.Claim("email_verified", nil)}, ada.Email, false},
		"another's case": {[]oidctest.Fault{oidctest.Claim("email_verified", nil), oidctest.Claim("Email_Verified", true)}, ada.Email, false},
		"of another email": {[]oidctest.Fault{oidctest.Claim("email", nil), userInfoSays(map[string]any{"email": "eve@example.com"})},
			"eve@example.com", false},
		"the string in userinfo": {[]oidctest.Fault{oidctest.EmailInUserInfoOnly, userInfoSays(map[string]any{"email_verified": "true"})},
			ada.Email, false},
		"no email anywhere": {[]oidctest.Fault{oidctest.Claim("email", nil), userInfoSays(map[string]any{"email": nil})}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVisit(t)
			v.fake.Misbehave(test.faults...)
			v.begin(t)
			got, err := v.finish(t)
			if err != nil {
				t.Fatal(err)
			}
			if got.Email != test.email || got.EmailVerified != test.want {
				t.Errorf("%q, verified %v", got.Email, got.EmailVerified)
			}
		})
	}
}
