package oidc

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/oidctest"
	"github.com/keylodge/keylodge/internal/workspace"
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
	address, pending, err := v.client.Begin(t.Context(), v.provider, Ask{RedirectURL: redirectURL})
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
		if secret != "" && (strings.Contains(err.Error(), secret) ||
			strings.Contains(err.Error(), url.QueryEscape(secret))) {
			t.Errorf("the error tells a secret: %v", err)
		}
	}
	if len(err.Error()) > 500 {
		t.Errorf("the error has %d bytes", len(err.Error()))
	}
}

func TestBegin(t *testing.T) {
	v := newVisit(t)
	address, pending, err := v.client.Begin(t.Context(), v.provider, Ask{RedirectURL: redirectURL})
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
		"client_id": {v.provider.ClientID}, "redirect_uri": {redirectURL}, "response_type": {"code"},
		"scope": {"openid email profile"},
		"state": {pending.State}, "nonce": {pending.Nonce}, "code_challenge_method": {"S256"}, "max_age": {"2592000"},
	}
	if got.Encode() != want.Encode() {
		t.Errorf("asks for %v, want %v", got, want)
	}
	if len(challenge) != 43 || challenge == pending.Verifier {
		t.Errorf("the challenge is %q", challenge)
	}
	_, again, _ := v.client.Begin(t.Context(), v.provider, Ask{RedirectURL: redirectURL})
	if again.State == pending.State || again.Nonce == pending.Nonce || again.Verifier == pending.Verifier {
		t.Error("two sign-ins have something in common")
	}
}

// A step-up asks the person again, whatever the provider remembers.
func TestBeginFresh(t *testing.T) {
	v := newVisit(t)
	v.provider.Scopes = []string{"groups", "offline_access"}
	address, _, err := v.client.Begin(t.Context(), v.provider, Ask{RedirectURL: redirectURL, Fresh: true})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"max_age": "0", "prompt": "login",
		"scope": "openid email profile groups offline_access"} {
		if got := u.Query()[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// GitLab has the name and the groups in userinfo only.
func TestClaimsInUserInfoOnly(t *testing.T) {
	lacks := func(names ...string) oidctest.Fault {
		return oidctest.Fault{Claims: func(_ *oidctest.Provider, c map[string]any) {
			for _, name := range names {
				delete(c, name)
			}
		}}
	}
	says := func(claims map[string]any) oidctest.Fault {
		return oidctest.Fault{UserInfo: func(_ *oidctest.Provider, c map[string]any) { maps.Copy(c, claims) }}
	}
	broken := oidctest.Status(oidctest.UserInfoPath, http.StatusBadGateway)
	for name, test := range map[string]struct {
		faults []oidctest.Fault
		want   []string // groups
		named  string
		asked  int
		kind   workspace.Kind // Internal: no error
	}{
		"all in the ID token": {nil, []string{"engines"}, ada.Name, 0, workspace.Internal},
		"the role claim in userinfo": {[]oidctest.Fault{lacks("groups")}, []string{"engines"}, ada.Name, 1,
			workspace.Internal},
		"the name in userinfo": {[]oidctest.Fault{lacks("name")}, []string{"engines"}, ada.Name, 1,
			workspace.Internal},
		"both in userinfo": {[]oidctest.Fault{lacks("name", "groups")}, []string{"engines"}, ada.Name, 1,
			workspace.Internal},
		"the ID token wins": {[]oidctest.Fault{lacks("name"),
			says(map[string]any{"groups": []string{"bosses"}})}, []string{"engines"}, ada.Name, 1, workspace.Internal},
		"the role claim and no userinfo": {[]oidctest.Fault{lacks("groups"), broken}, nil, "", 1, unavailableKind},
		"the name and no userinfo": {[]oidctest.Fault{lacks("name"), broken}, []string{"engines"}, "", 1,
			workspace.Internal},
		"the groups of another subject": {[]oidctest.Fault{lacks("groups"), says(map[string]any{"sub": "eve"})}, nil,
			"", 1, forbiddenKind},
		"the name of another subject": {[]oidctest.Fault{lacks("name"), says(map[string]any{"sub": "eve"})}, nil, "",
			1, forbiddenKind},
		"another email beside the groups": {[]oidctest.Fault{lacks("groups", "email_verified"),
			says(map[string]any{"email": "eve@example.com", "email_verified": true})},
			[]string{"engines"}, ada.Name, 1, workspace.Internal},
		"a time of proof that is not signed": {[]oidctest.Fault{lacks("groups", "auth_time"),
			says(map[string]any{"auth_time": time.Now().Unix()})},
			[]string{"engines"}, ada.Name, 1, workspace.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVisit(t)
			v.provider.Claims = []string{"groups"}
			v.fake.Misbehave(test.faults...)
			v.begin(t)
			got, err := v.finish(t)
			if asked := v.fake.Asked(oidctest.UserInfoPath); asked != test.asked {
				t.Errorf("userinfo was asked %d times, want %d", asked, test.asked)
			}
			if test.kind != workspace.Internal {
				v.wantKind(t, err, test.kind)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			groups, _ := got.Claims["groups"].([]any)
			if got.Name != test.named || len(groups) != 1 || groups[0] != test.want[0] || got.Email != ada.Email {
				t.Errorf("is %+v", got)
			}
			switch name {
			case "another email beside the groups":
				if got.EmailVerified {
					t.Error("another email's verification counts")
				}
			case "a time of proof that is not signed":
				if !got.AuthTime.IsZero() {
					t.Error("userinfo says when the person proved who they are")
				}
			}
		})
	}
}

// The admin is told the code that the provider answered with, and nothing else
// that it says.
func TestRefusalTellsTheCode(t *testing.T) {
	for sent, want := range map[string]string{
		"access_denied": "access_denied", "admin_policy_enforced": "admin_policy_enforced", "<script>": unknownCode,
		"":        unknownCode,
		"no user": unknownCode, strings.Repeat("a", 41): unknownCode, "Code-1": unknownCode,
		"kl_0123456789": "kl_0123456789",
	} {
		v := newVisit(t)
		v.begin(t)
		v.callback.Set("error", sent)
		_, err := v.finish(t)
		v.wantKind(t, err, forbiddenKind)
		wantMessage(t, err, "refused to sign you in: "+want+".")
		if r, ok := errors.AsType[Refusal](err); !ok || r.Code != want || len(r.Code) > 40 {
			t.Errorf("%q: the code is %q", sent, r.Code)
		}
	}
	v := newVisit(t)
	v.provider.ClientSecret = "another"
	v.begin(t)
	_, err := v.finish(t)
	wantMessage(t, err, "refused Keylodge’s request: invalid_client.")
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
			v.fake.Misbehave(oidctest.Claim("aud", []string{"another", v.provider.ClientID}), oidctest.Claim("azp",
				v.provider.ClientID))
		},
		"subject by a look-alike name": func(v *visit) { v.fake.Misbehave(oidctest.Claim("ſub", "somebody else")) },
		"clock a minute ahead":         func(v *visit) { v.fake.Misbehave(oidctest.ClaimAt("iat", time.Minute)) },
		"never names itself": func(v *visit) {
			v.fake.Misbehave(oidctest.NamesItselfNever,
				oidctest.NoIssuerInCallback)
		},
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

// Whether an email is verified is told by a boolean, and by who tells the
// email.
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
		"true":       {nil, ada.Email, true},
		"false":      {[]oidctest.Fault{oidctest.Claim("email_verified", false)}, ada.Email, false},
		"the string": {[]oidctest.Fault{oidctest.VerifiedAsString}, ada.Email, false},
		"the number": {[]oidctest.Fault{oidctest.Claim("email_verified", 1)}, ada.Email, false},
		"not told":   {[]oidctest.Fault{oidctest.Claim("email_verified", nil)}, ada.Email, false},
		"another's case": {[]oidctest.Fault{oidctest.Claim("email_verified", nil), oidctest.Claim("Email_Verified",
			true)}, ada.Email, false},
		"of another email": {[]oidctest.Fault{oidctest.Claim("email", nil),
			userInfoSays(map[string]any{"email": "eve@example.com"})},
			"eve@example.com", false},
		"the string in userinfo": {[]oidctest.Fault{oidctest.EmailInUserInfoOnly,
			userInfoSays(map[string]any{"email_verified": "true"})},
			ada.Email, false},
		"no email anywhere": {[]oidctest.Fault{oidctest.Claim("email", nil),
			userInfoSays(map[string]any{"email": nil})},
			"", false},
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
