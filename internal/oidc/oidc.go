// Package oidc signs people in with identity providers. It is a relying party
// of OpenID Connect Core 1.0 with the code flow and PKCE (RFC 7636) only.
//
// A sign-in has two halves. [Client.Begin] returns the URL to send the browser
// to and what to keep until it returns. [Client.Finish] takes the query of the
// browser's return and returns the identity that the provider asserts. The
// caller decides whether that person may sign in.
package oidc

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	coreos "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/keylodge/keylodge/internal/secret"
)

// Provider is an identity provider as a workspace has set it up.
type Provider struct {
	Issuer       string // exactly as in the provider's metadata
	ClientID     string
	ClientSecret string   // empty: a public client, which has PKCE only
	Scopes       []string // requested besides openid, email and profile
	Claims       []string // needed; read from the userinfo endpoint if the ID token lacks one
}

// Ask says how to send a browser to a provider.
type Ask struct {
	RedirectURL string // where the provider sends the browser back to
	Fresh       bool   // the person must sign in at the provider again
}

// maxAge is how long ago a person may have signed in at the provider. It is
// longer than a provider's session lasts, and is sent because the ID token must
// then have the claim auth_time (OpenID Connect Core 1.0 section 3.1.2.1).
const maxAge = 30 * 24 * time.Hour

// Pending is what the return of the browser must match. The caller keeps it
// between the two halves and uses it for one [Client.Finish].
type Pending struct{ State, Nonce, Verifier string }

// Identity is the person whom a provider asserts. Issuer and Subject together
// never change and are never reassigned; everything else may be.
type Identity struct {
	Issuer, Subject string
	Email           string // empty when the provider sends none
	EmailVerified   bool   // true only when the claim is the JSON boolean true; the string "true" is false
	Name            string
	Claims          map[string]any // all claims, for roles by a claim
	AuthTime        time.Time      // zero when not sent
}

// Client talks to providers. It caches their metadata and keys for an hour. It
// is safe for concurrent use.
type Client struct {
	http  *http.Client
	local bool          // providers may be on this machine and on private networks
	limit time.Duration // for one call with all its requests
	now   func() time.Time

	mu    sync.Mutex
	known map[string]*known // by issuer
}

// NewClient returns a client whose calls end within 10 seconds. It speaks https
// to public IPs only. With local, for development and for providers on the own
// network, it also reaches private networks and, with or without TLS, this
// machine.
func NewClient(local bool) *Client { return newClient(10*time.Second, local) }

func newClient(limit time.Duration, local bool) *Client {
	return &Client{http: newHTTPClient(limit, local), local: local, limit: limit, now: time.Now,
		known: map[string]*known{}}
}

// scopes are always requested (OpenID Connect Core 1.0 section 5.4).
var scopes = []string{coreos.ScopeOpenID, coreos.ScopeEmail, coreos.ScopeProfile}

// Check fetches a provider's metadata again and returns nil when sign-in should
// work with it. The error is of kind Invalid, and its field is "issuer" or
// "client_id".
func (c *Client) Check(ctx context.Context, p Provider) error {
	ctx, cancel := c.within(ctx)
	defer cancel()
	if p.ClientID == "" {
		return wrongField("client_id", "Type the client ID that the provider gave to Keylodge.", nil)
	}
	k, err := c.discover(ctx, p.Issuer)
	if err == nil {
		err = k.metadata.fitFor(p)
	}
	return formError(err)
}

// Begin returns the URL to send the browser to, and what to keep until it
// returns. The error is of kind Forbidden when the provider's metadata is
// wrong, and Unavailable when the provider can't be reached.
func (c *Client) Begin(ctx context.Context, p Provider, ask Ask) (authorizeURL string, pending Pending, err error) {
	ctx, cancel := c.within(ctx)
	defer cancel()
	k, err := c.lookup(ctx, p)
	if err != nil {
		return "", Pending{}, err
	}
	pending = Pending{State: secret.NewToken(), Nonce: secret.NewToken(), Verifier: secret.NewToken()}
	options := append(ask.options(), coreos.Nonce(pending.Nonce), oauth2.S256ChallengeOption(pending.Verifier))
	return k.config(p, ask.RedirectURL).AuthCodeURL(pending.State, options...), pending, nil
}

// options are the parameters that make a provider say when the person signed
// in, and have them sign in again.
func (a Ask) options() []oauth2.AuthCodeOption {
	if a.Fresh {
		return []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("max_age", "0"),
			oauth2.SetAuthURLParam("prompt", "login")}
	}
	return []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("max_age", strconv.Itoa(int(maxAge.Seconds())))}
}

// Finish takes the query with which the browser returned to redirectURL, and
// returns the identity. The error is of kind Forbidden when the provider
// refused, when anything that it sent is wrong, or when another browser began
// the sign-in; it is of kind Unavailable when the provider can't be reached. No
// error contains a code, a token or a secret.
func (c *Client) Finish(ctx context.Context, p Provider, redirectURL string, pending Pending,
	callback url.Values) (Identity, error) {
	ctx, cancel := c.within(ctx)
	defer cancel()
	if err := checkCallback(p, pending, callback); err != nil {
		return Identity{}, err
	}
	k, err := c.lookup(ctx, p)
	if err != nil {
		return Identity{}, err
	}
	if k.metadata.SendsIssuer && !callback.Has("iss") {
		return Identity{}, untrusted("callback: no issuer, although the provider always sends it")
	}
	token, err := k.exchange(ctx, p, redirectURL, pending, callback.Get("code"))
	if err != nil {
		return Identity{}, err
	}
	told, err := c.verify(ctx, k, p, pending, token)
	if err != nil {
		return Identity{}, err
	}
	if err := k.complete(ctx, p, token, told); err != nil {
		return Identity{}, err
	}
	return told.identity(), nil
}

// within limits the time of a call and makes the libraries use our HTTP client.
func (c *Client) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(coreos.ClientContext(ctx, c.http), c.limit)
}

// config returns the provider as the oauth2 package describes it.
func (k *known) config(p Provider, redirectURL string) *oauth2.Config {
	endpoint := k.provider.Endpoint()
	endpoint.AuthStyle = k.metadata.authStyle(p)
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, RedirectURL: redirectURL, Endpoint: endpoint,
		Scopes: append(slices.Clone(scopes), p.Scopes...),
	}
}
