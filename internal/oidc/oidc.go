// Package oidc signs people in with identity providers: it is the relying
// party's half of OpenID Connect Core 1.0, with the code flow and PKCE (RFC
// 7636), and nothing else of it.
//
// A sign-in has two halves. [Client.Begin] says where to send the browser and
// what to keep until it is back; [Client.Finish] takes what the browser brings
// back and says who the provider says it is. Whether that person may come in is
// for others to decide.
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
	Issuer       string // exactly as the provider's metadata has it
	ClientID     string
	ClientSecret string   // empty: a public client, which has PKCE only
	Scopes       []string // asked for beside openid, email and profile
	Claims       []string // wanted; the userinfo endpoint is asked for those that the ID token lacks
}

// Ask is how a browser is sent to a provider.
type Ask struct {
	RedirectURL string // where the provider sends it back to
	Fresh       bool   // the person must prove again who they are
}

// maxAge is how long ago people may have proven to the provider who they are.
// It is longer than any provider remembers them, and is sent because an ID
// token must then have the claim auth_time (OpenID Connect Core 1.0 section
// 3.1.2.1).
const maxAge = 30 * 24 * time.Hour

// Pending is what the browser that began a sign-in must bring back. It is kept
// on our side between the two halves, and is good for one [Client.Finish].
type Pending struct{ State, Nonce, Verifier string }

// Identity is whom a provider says somebody is. Issuer and Subject together
// never change and are never given to somebody else; all the rest may be.
type Identity struct {
	Issuer, Subject string
	Email           string // empty when the provider tells none
	EmailVerified   bool   // true only when the claim is the JSON boolean true; the string "true" is false
	Name            string
	Claims          map[string]any // all that was told, for a role taken from a claim
	AuthTime        time.Time      // zero when not told
}

// Client talks to providers. It keeps what they publish of themselves, their
// metadata and keys, for an hour. It may be used by many at once.
type Client struct {
	http  *http.Client
	local bool          // providers may be on this machine and on private networks
	limit time.Duration // for one call, all its questions together
	now   func() time.Time

	mu    sync.Mutex
	known map[string]*known // by issuer
}

// NewClient returns a client whose calls end within 10 seconds, whatever a
// provider does. It speaks https to public IPs only, unless local, which is for
// development and for providers of one's own network: then providers may be on
// this machine, also without TLS, and on private networks.
func NewClient(local bool) *Client { return newClient(10*time.Second, local) }

func newClient(limit time.Duration, local bool) *Client {
	return &Client{http: newHTTPClient(limit, local), local: local, limit: limit, now: time.Now,
		known: map[string]*known{}}
}

// scopes are what we ask for (OpenID Connect Core 1.0 section 5.4).
var scopes = []string{coreos.ScopeOpenID, coreos.ScopeEmail, coreos.ScopeProfile}

// Check asks a provider for its metadata anew and returns nil when people can
// be signed in with it, as far as that tells. The error is of kind Invalid,
// with what is wrong in the field "issuer" or "client_id".
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

// Begin returns where to send the browser, and what to keep until it is back.
// The error is of kind Forbidden when the provider's metadata is wrong, and
// Unavailable when it can't be reached.
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

// options are the parameters that make a provider say when the person proved
// who they are, and ask for a proof.
func (a Ask) options() []oauth2.AuthCodeOption {
	if a.Fresh {
		return []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("max_age", "0"),
			oauth2.SetAuthURLParam("prompt", "login")}
	}
	return []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("max_age", strconv.Itoa(int(maxAge.Seconds())))}
}

// Finish takes the query that the browser brought back to redirectURL, and says
// who is there. The error is of kind Forbidden when the provider refused, when
// anything that it said is wrong, or when the browser is not the one that
// began; it is of kind Unavailable when the provider can't be reached. No error
// holds a code, a token or a secret.
func (c *Client) Finish(ctx context.Context, p Provider, redirectURL string, pending Pending, callback url.Values) (Identity, error) {
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
		return Identity{}, untrusted("callback: the provider always names itself, but not here")
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

// within limits a call, and makes the libraries ask with our HTTP client.
func (c *Client) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(coreos.ClientContext(ctx, c.http), c.limit)
}

// config is how the oauth2 package wants to be told of a provider.
func (k *known) config(p Provider, redirectURL string) *oauth2.Config {
	endpoint := k.provider.Endpoint()
	endpoint.AuthStyle = k.metadata.authStyle(p)
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, RedirectURL: redirectURL, Endpoint: endpoint,
		Scopes: append(slices.Clone(scopes), p.Scopes...),
	}
}
