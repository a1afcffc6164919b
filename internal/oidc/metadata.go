package oidc

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	coreos "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/keylodge/keylodge/internal/workspace"
)

// metadata is the part of a provider's metadata that we use (OpenID Connect
// Discovery 1.0 section 3).
type metadata struct {
	Issuer           string   `json:"issuer"`
	AuthorizationURL string   `json:"authorization_endpoint"`
	TokenURL         string   `json:"token_endpoint"`
	KeysURL          string   `json:"jwks_uri"`
	UserInfoURL      string   `json:"userinfo_endpoint"`
	ResponseTypes    []string `json:"response_types_supported"`
	Algorithms       []string `json:"id_token_signing_alg_values_supported"`
	ChallengeMethods []string `json:"code_challenge_methods_supported"`               // RFC 8414 section 2
	AuthMethods      []string `json:"token_endpoint_auth_methods_supported"`          // missing: client_secret_basic
	SendsIssuer      bool     `json:"authorization_response_iss_parameter_supported"` // RFC 9207 section 3
}

// known is a provider whose metadata was fetched.
type known struct {
	provider *coreos.Provider
	metadata metadata
	keys     *coreos.RemoteKeySet
	until    time.Time
}

const (
	keepFor  = time.Hour
	keepMost = 256 // providers
)

// lookup returns a provider that sign-in works with, and fetches its metadata
// when it is not cached.
func (c *Client) lookup(ctx context.Context, p Provider) (*known, error) {
	c.mu.Lock()
	k := c.known[p.Issuer]
	c.mu.Unlock()
	var err error
	if k == nil || !c.now().Before(k.until) {
		k, err = c.discover(ctx, p.Issuer)
	}
	if err == nil {
		err = k.metadata.fitFor(p)
	}
	if err != nil {
		return nil, personError(err)
	}
	return k, nil
}

// discover fetches a provider's metadata and caches it. The error is a
// [*setupError].
func (c *Client) discover(ctx context.Context, issuer string) (*known, error) {
	if !workspace.IsHTTPS(issuer, c.local) || strings.ContainsAny(issuer, "?#") {
		return nil, &setupError{says: "The issuer must be an address that begins with https://."}
	}
	provider, err := coreos.NewProvider(ctx, issuer)
	if err != nil {
		return nil, discoveryError(err)
	}
	k := &known{provider: provider, until: c.now().Add(keepFor)}
	if err := provider.Claims(&k.metadata); err != nil {
		return nil, discoveryError(err)
	}
	k.keys = coreos.NewRemoteKeySet(coreos.ClientContext(context.Background(), c.http), k.metadata.KeysURL)
	c.keep(issuer, k)
	return k, nil
}

func (c *Client) keep(issuer string, k *known) {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.known, func(_ string, k *known) bool { return !c.now().Before(k.until) })
	if len(c.known) >= keepMost {
		clear(c.known)
	}
	c.known[issuer] = k
}

// demands are what a provider's metadata must have, and the message for the
// admin when it is missing.
var demands = []struct {
	met  func(m metadata, p Provider) bool
	says string
}{
	{metadata.hasURLs, "The provider’s metadata lacks an address that is needed, " +
		"or has one that doesn’t begin with https://."},
	{func(m metadata, _ Provider) bool { return slices.Contains(m.ResponseTypes, "code") },
		"The provider doesn’t offer the authorization code flow, which Keylodge needs."},
	{func(m metadata, _ Provider) bool {
		return m.Algorithms == nil || slices.ContainsFunc(m.Algorithms, isAccepted)
	},
		"The provider signs its ID tokens in no way that Keylodge takes: RS256, ES256, PS256 or EdDSA."},
	{func(m metadata, _ Provider) bool {
		return m.ChallengeMethods == nil || slices.Contains(m.ChallengeMethods, "S256")
	}, "The provider doesn’t offer PKCE with S256, which Keylodge needs."},
	{metadata.takesSecret, "The provider takes no client secret in the ways that Keylodge can send it: " +
		"client_secret_basic or client_secret_post."},
}

// fitFor returns a [*setupError] when sign-in can't work with this metadata.
func (m metadata) fitFor(p Provider) error {
	for _, demand := range demands {
		if !demand.met(m, p) {
			return &setupError{says: demand.says, cause: errors.New("discovery: unsuitable metadata")}
		}
	}
	return nil
}

// hasURLs reports whether all URLs are valid. Only a provider on this
// machine may have URLs without TLS.
func (m metadata) hasURLs(Provider) bool {
	here := strings.HasPrefix(m.Issuer, "http://")
	return workspace.IsHTTPS(m.AuthorizationURL, here) && workspace.IsHTTPS(m.TokenURL, here) &&
		workspace.IsHTTPS(m.KeysURL, here) &&
		(m.UserInfoURL == "" || workspace.IsHTTPS(m.UserInfoURL, here))
}

func (m metadata) takesSecret(p Provider) bool {
	return p.ClientSecret == "" || m.AuthMethods == nil ||
		slices.Contains(m.AuthMethods, "client_secret_basic") || slices.Contains(m.AuthMethods, "client_secret_post")
}

// authStyle returns how to send the client secret to the token endpoint. The
// library must not find out by trying, since a code works once.
func (m metadata) authStyle(p Provider) oauth2.AuthStyle {
	if p.ClientSecret != "" && (m.AuthMethods == nil || slices.Contains(m.AuthMethods, "client_secret_basic")) {
		return oauth2.AuthStyleInHeader
	}
	return oauth2.AuthStyleInParams
}
