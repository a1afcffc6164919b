package oidc

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/oidctest"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

const (
	forbiddenKind   = workspace.Forbidden
	unavailableKind = workspace.Unavailable
)

// Whatever a provider does wrong, nobody is signed in.
func TestFinishWithFault(t *testing.T) {
	for name, test := range map[string]struct {
		fault oidctest.Fault
		kind  workspace.Kind
	}{
		"iss parameter of another provider": {oidctest.OtherIssuerInCallback, forbiddenKind},
		"no iss parameter though promised":  {oidctest.NoIssuerInCallback, forbiddenKind},
		"another state":                     {oidctest.OtherState, forbiddenKind},
		"no code":                           {oidctest.NoCode, forbiddenKind},
		"code twice":                        {oidctest.CodeTwice, forbiddenKind},
		"alg none":                          {oidctest.AlgorithmNone, forbiddenKind},
		"HS256 with the public key":         {oidctest.HS256OfPublicKey, forbiddenKind},
		"signed with another key":           {oidctest.SignedByStranger, forbiddenKind},
		"changed after it was signed":       {oidctest.ChangedAfterwards, forbiddenKind},
		"no ID token":                       {oidctest.NoIDToken, forbiddenKind},
		"an ID token that is none":          {oidctest.NotAToken, forbiddenKind},
		"another issuer in the ID token":    {oidctest.WrongIssuer, forbiddenKind},
		"the issuer by a look-alike name":   {oidctest.LookalikeIssuer, forbiddenKind},
		"another audience":                  {oidctest.WrongAudience, forbiddenKind},
		"several audiences and no party":    {oidctest.NoParty, forbiddenKind},
		"another party":                     {oidctest.WrongParty, forbiddenKind},
		"no audience":                       {oidctest.Claim("aud", nil), forbiddenKind},
		"another nonce":                     {oidctest.WrongNonce, forbiddenKind},
		"no nonce":                          {oidctest.NoNonce, forbiddenKind},
		"expired":                           {oidctest.Expired, forbiddenKind},
		"no expiry":                         {oidctest.Claim("exp", nil), forbiddenKind},
		"issued three minutes from now":     {oidctest.IssuedLater, forbiddenKind},
		"no time of issue":                  {oidctest.Claim("iat", nil), forbiddenKind},
		"not valid yet":                     {oidctest.NotYetValid, forbiddenKind},
		"no subject":                        {oidctest.NoSubject, forbiddenKind},
		"an empty subject":                  {oidctest.EmptySubject, forbiddenKind},
		"a subject of 256 bytes":            {oidctest.LongSubject, forbiddenKind},
		"a subject that is a number":        {oidctest.Claim("sub", 1), forbiddenKind},
		"the hash of another access token":  {oidctest.WrongTokenHash, forbiddenKind},
		"userinfo of another sub":           {oidctest.OtherUserInfo, forbiddenKind},
		"userinfo of nobody":                {oidctest.NoUserInfoSubject, forbiddenKind},
		"token endpoint refuses": {oidctest.Status(oidctest.TokenPath, http.StatusBadRequest),
			forbiddenKind},
		"token endpoint is broken": {oidctest.Status(oidctest.TokenPath, http.StatusInternalServerError),
			unavailableKind},
		"token endpoint has too much to do": {oidctest.Status(oidctest.TokenPath, http.StatusTooManyRequests),
			unavailableKind},
		"token endpoint echoes as a success": {oidctest.Status(oidctest.TokenPath, http.StatusOK), forbiddenKind},
		"token endpoint never ends":          {oidctest.Endless(oidctest.TokenPath), forbiddenKind},
		"token endpoint hangs":               {oidctest.Hang(oidctest.TokenPath), unavailableKind},
		"token endpoint hangs within answer": {oidctest.HangWithin(oidctest.TokenPath), unavailableKind},
		"token endpoint hangs up":            {oidctest.HangUp(oidctest.TokenPath), unavailableKind},
		"token endpoint speaks no HTTP":      {oidctest.Garble(oidctest.TokenPath), unavailableKind},
		"token endpoint is elsewhere": {oidctest.Redirect(oidctest.TokenPath, oidctest.Elsewhere),
			forbiddenKind},
		"keys are refused": {oidctest.Status(oidctest.KeysPath, http.StatusForbidden), forbiddenKind},
		"keys are broken": {oidctest.Status(oidctest.KeysPath, http.StatusBadGateway),
			unavailableKind},
		"keys never end":     {oidctest.Endless(oidctest.KeysPath), forbiddenKind},
		"keys hang":          {oidctest.Hang(oidctest.KeysPath), unavailableKind},
		"keys are elsewhere": {oidctest.Redirect(oidctest.KeysPath, oidctest.Elsewhere), forbiddenKind},
		"userinfo refuses": {userInfo(oidctest.Status(oidctest.UserInfoPath, http.StatusForbidden)),
			forbiddenKind},
		"userinfo is broken": {userInfo(oidctest.Status(oidctest.UserInfoPath, http.StatusBadGateway)),
			unavailableKind},
		"userinfo never ends": {userInfo(oidctest.Endless(oidctest.UserInfoPath)), forbiddenKind},
		"userinfo hangs":      {userInfo(oidctest.Hang(oidctest.UserInfoPath)), unavailableKind},
		"userinfo echoes as a success": {userInfo(oidctest.Status(oidctest.UserInfoPath, http.StatusOK)),
			forbiddenKind},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVisit(t)
			if test.kind == unavailableKind {
				v.client = newClient(2*time.Second, true) // as long as the slowest machine needs for the rest
			}
			v.fake.Misbehave(test.fault)
			v.begin(t)
			began := time.Now()
			_, err := v.finish(t)
			v.wantKind(t, err, test.kind)
			if took := time.Since(began); took > 8*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

// userInfo makes a fault of the userinfo endpoint matter, which is asked for an
// email only.
func userInfo(f oidctest.Fault) oidctest.Fault {
	f.Claims = oidctest.EmailInUserInfoOnly.Claims
	return f
}

// A key that the provider publishes signs with an algorithm that is not taken.
func TestFinishWithAlgorithmNotTaken(t *testing.T) {
	v := newVisit(t)
	v.fake.SignWith("RS512")
	v.begin(t)
	_, err := v.finish(t)
	v.wantKind(t, err, forbiddenKind)
}

func TestFinishRefused(t *testing.T) {
	v := newVisit(t)
	v.fake = oidctest.New(t) // where nobody may sign in
	v.provider = Provider{Issuer: v.fake.URL(), ClientID: v.fake.ClientID, ClientSecret: v.fake.ClientSecret}
	v.begin(t)
	_, err := v.finish(t)
	v.wantKind(t, err, forbiddenKind)
	wantMessage(t, err, "The identity provider refused")
	wantNoText(t, err, "<b>")
	if v.fake.Asked(oidctest.TokenPath) > 0 {
		t.Error("the token endpoint was asked")
	}
}

// What the browser or the caller can do wrong, after a good sign-in began.
func TestFinishWithoutRight(t *testing.T) {
	const nobody, tokenEndpoint = 0, 1
	for name, test := range map[string]struct {
		spoil func(v *visit)
		asks  int // the token endpoint
		says  string
	}{
		"state of another browser": {func(v *visit) { v.pending.State = secret.NewToken() }, nobody,
			"another state"},
		"nothing pending": {func(v *visit) { v.pending = Pending{} }, nobody, "another state"},
		"no state on either side": {func(v *visit) { v.pending.State = ""; v.callback.Del("state") }, nobody,
			"another state"},
		"nonce missing":    {func(v *visit) { v.pending.Nonce = "" }, nobody, "stored sign-in is incomplete"},
		"verifier missing": {func(v *visit) { v.pending.Verifier = "" }, nobody, "stored sign-in is incomplete"},
		"state twice": {func(v *visit) { v.callback.Add("state", "another") }, nobody,
			"state is repeated"},
		"an error code with markup": {func(v *visit) { v.callback.Set("error", "<script>") }, nobody,
			"refused to sign you in"},
		"nonce of another sign-in": {func(v *visit) { v.pending.Nonce = secret.NewToken() }, tokenEndpoint,
			"of another sign-in"},
		"verifier of another sign-in": {func(v *visit) { v.pending.Verifier = secret.NewToken() }, tokenEndpoint,
			"invalid_grant"},
		"code that nobody gave": {func(v *visit) { v.callback.Set("code", "made up") }, tokenEndpoint,
			"invalid_grant"},
		"wrong client secret": {func(v *visit) { v.provider.ClientSecret = "wrong" }, tokenEndpoint,
			"invalid_client"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVisit(t)
			v.begin(t)
			test.spoil(v)
			_, err := v.finish(t)
			v.wantKind(t, err, forbiddenKind)
			wantNoText(t, err, "<script>")
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, want %q", err, test.says)
			}
			if asked := v.fake.Asked(oidctest.TokenPath); asked != test.asks {
				t.Errorf("the token endpoint was asked %d times, want %d", asked, test.asks)
			}
		})
	}
}

func TestFinishTwice(t *testing.T) {
	v := newVisit(t)
	v.begin(t)
	if _, err := v.finish(t); err != nil {
		t.Fatal(err)
	}
	_, err := v.finish(t)
	v.wantKind(t, err, forbiddenKind)
	if asked := v.fake.Asked(oidctest.TokenPath); asked != 2 {
		t.Errorf("a code was tried %d times, want once for each of two", asked)
	}
}

func TestFinishAtAnotherURL(t *testing.T) {
	v := newVisit(t)
	v.begin(t)
	_, err := v.client.Finish(t.Context(), v.provider, redirectURL+"/elsewhere", v.pending, v.callback)
	v.wantKind(t, err, forbiddenKind)
}
