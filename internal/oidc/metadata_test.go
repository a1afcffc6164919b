package oidc

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/oidctest"
	"github.com/keylodge/keylodge/internal/workspace"
)

// wantMessage fails the test when what people see of err doesn't hold a text.
func wantMessage(t *testing.T, err error, text string) {
	t.Helper()
	e, ok := errors.AsType[*workspace.Error](err)
	if !ok || !strings.Contains(e.Message+e.Fields["issuer"]+e.Fields["client_id"], text) {
		t.Errorf("%v, want %q", err, text)
	}
}

func wantNoText(t *testing.T, err error, text string) {
	t.Helper()
	if strings.Contains(err.Error(), text) {
		t.Errorf("%v: repeats %q", err, text)
	}
}

// A setup that can't work is told to who sets it up, and nobody is sent to such
// a provider.
func TestCheck(t *testing.T) {
	for name, test := range map[string]struct {
		fault oidctest.Fault
		says  string
		begin workspace.Kind
	}{
		"issuer differs":       {oidctest.IssuerDiffersInMetadata, "another name", forbiddenKind},
		"no code flow":         {oidctest.NoCodeFlow, "code flow", forbiddenKind},
		"no PKCE":              {oidctest.NoPKCE, "PKCE", forbiddenKind},
		"only HS256 and none":  {oidctest.SymmetricOnly, "RS256", forbiddenKind},
		"endpoint without TLS": {oidctest.PlainHTTP, "https://", forbiddenKind},
		"no keys":              {oidctest.NoKeysURL, "lacks an address", forbiddenKind},
		"takes no secret":      {oidctest.NoSecretTaken, "client secret", forbiddenKind},
		"not there": {oidctest.Status(oidctest.DiscoveryPath, http.StatusNotFound),
			"no OpenID Connect provider", forbiddenKind},
		"something else": {oidctest.Status(oidctest.DiscoveryPath, http.StatusOK), "another name", forbiddenKind},
		"endless":        {oidctest.Endless(oidctest.DiscoveryPath), "no OpenID Connect provider", forbiddenKind},
		"broken": {oidctest.Status(oidctest.DiscoveryPath, http.StatusBadGateway), "can’t be reached",
			unavailableKind},
		"hangs": {oidctest.Hang(oidctest.DiscoveryPath), "can’t be reached", unavailableKind},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVisit(t)
			v.client = newClient(time.Second, true)
			v.fake.Misbehave(test.fault)
			err := v.client.Check(t.Context(), v.provider)
			v.wantKind(t, err, workspace.Invalid)
			wantMessage(t, err, test.says)
			_, _, err = v.client.Begin(t.Context(), v.provider, Ask{RedirectURL: redirectURL})
			v.wantKind(t, err, test.begin)
		})
	}
}

func TestCheckOfIssuer(t *testing.T) {
	for issuer, says := range map[string]string{
		"":                            "https://",
		"example.com":                 "https://",
		"http://example.com":          "https://",
		"http://localhost.example":    "https://",
		"http://127.0.0.2":            "https://",
		"ftp://localhost":             "https://",
		"https://":                    "https://",
		"https://me:secret@localhost": "https://",
		"https://localhost/?a=b":      "https://",
		"https://localhost/#a":        "https://",
		"https://localhost:1":         "can’t be reached",
		"http://localhost:1":          "can’t be reached",
		"http://127.0.0.1:1":          "can’t be reached",
		"http://[::1]:1":              "can’t be reached",
		"http://op.localhost:1":       "can’t be reached",
	} {
		t.Run(issuer, func(t *testing.T) {
			t.Parallel()
			err := NewClient(true).Check(t.Context(), Provider{Issuer: issuer, ClientID: "c"})
			if workspace.KindOf(err) != workspace.Invalid {
				t.Errorf("error %v", err)
			}
			wantMessage(t, err, says)
		})
	}
}

// A provider that is not on this machine may not send us to this machine
// without TLS.
func TestMetadataURLs(t *testing.T) {
	for issuer, want := range map[string]bool{"http://localhost:9": true, "https://example.com": false,
		"https://localhost": false} {
		m := metadata{Issuer: issuer, AuthorizationURL: "https://a.example", TokenURL: "http://localhost:9/token",
			KeysURL: "https://a.example"}
		if m.hasURLs(Provider{}) != want {
			t.Errorf("of %s, want %v", issuer, want)
		}
	}
}

func TestCheckOfUnknownCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	err := NewClient(true).Check(t.Context(), Provider{Issuer: server.URL, ClientID: "c"})
	wantMessage(t, err, "can’t be reached")
	if !strings.Contains(err.Error(), "certificate") {
		t.Errorf("%v: doesn't tell the log why", err)
	}
}

func TestCheckOfGoodProvider(t *testing.T) {
	v := newVisit(t)
	if err := v.client.Check(t.Context(), v.provider); err != nil {
		t.Error(err)
	}
	v.provider.ClientID = ""
	wantMessage(t, v.client.Check(t.Context(), v.provider), "client ID")
	v.provider.ClientID, v.provider.Issuer = "c", v.provider.Issuer+"/"
	wantMessage(t, v.client.Check(t.Context(), v.provider), "slash")
}

// A redirect is not followed, even to where there is a good provider.
func TestRedirectToAnotherHost(t *testing.T) {
	v := newVisit(t)
	another := oidctest.New(t)
	v.fake.Misbehave(oidctest.Redirect(oidctest.DiscoveryPath, another.URL()+oidctest.DiscoveryPath))
	err := v.client.Check(t.Context(), v.provider)
	v.wantKind(t, err, workspace.Invalid)
	_, _, err = v.client.Begin(t.Context(), v.provider, Ask{RedirectURL: redirectURL})
	v.wantKind(t, err, forbiddenKind)
	if another.Asked(oidctest.DiscoveryPath) > 0 {
		t.Error("the redirect was followed")
	}
}

// Metadata and keys are asked for once an hour, and a check always asks.
func TestMetadataIsKept(t *testing.T) {
	v := newVisit(t)
	now := time.Now()
	v.client.now = func() time.Time { return now }
	for range 2 {
		v.begin(t)
		if _, err := v.finish(t); err != nil {
			t.Fatal(err)
		}
	}
	wantAsked(t, v, 1)
	now = now.Add(time.Hour)
	v.begin(t)
	if _, err := v.finish(t); workspace.KindOf(err) != forbiddenKind { // the token is of an hour ago
		t.Error(err)
	}
	wantAsked(t, v, 2)
	if err := v.client.Check(t.Context(), v.provider); err != nil {
		t.Error(err)
	}
	if asked := v.fake.Asked(oidctest.DiscoveryPath); asked != 3 {
		t.Errorf("metadata was asked for %d times", asked)
	}
}

func wantAsked(t *testing.T, v *visit, times int) {
	t.Helper()
	for _, path := range []string{oidctest.DiscoveryPath, oidctest.KeysPath} {
		if asked := v.fake.Asked(path); asked != times {
			t.Errorf("%s was asked for %d times, want %d", path, asked, times)
		}
	}
}
