// Package client verifies the keys of a Go service's requests with Keylodge.
//
//	config := client.Config{URL: "https://keys.example.com"}
//	keylodge, err := client.New(config)
//	…
//	mux.Handle("GET /invoices", keylodge.Require("invoices:read")(invoices))
//
// and in the handler
//
//	identity, _ := client.FromContext(r.Context())
//
// A request presents its key as "Authorization: Bearer SECRET" or "X-API-Key:
// SECRET". Each request is verified over a pooled connection, so a revoked key
// is refused from the next request on; [Config.MaxStaleness] trades some of
// that for fewer verifications. When Keylodge can't be reached, requests are
// refused with 503.
//
// Keys that are bound to networks are verified against the IP of the service's
// peer. Keylodge accepts that IP only from a service that is one of its
// --trusted-proxies.
package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Config configures a [Client]. Only URL is required.
type Config struct {
	// URL is the base URL of a Keylodge, which accepts keys of every workspace,
	// or the URL of a workspace, which accepts only its own.
	URL string
	// MaxStaleness is how long the client accepts a verified key again, for the
	// same scopes and IP, without asking Keylodge. A key that is revoked
	// meanwhile is still accepted for that long. 0, the default, verifies every
	// request. Keys with a rate limit are always verified.
	MaxStaleness time.Duration
	// Timeout is how long a verification may take. Default 2 s.
	Timeout time.Duration
	// Transport sends the verifications. The default keeps up to 64 idle
	// connections and uses no proxy.
	Transport http.RoundTripper
}

// Client verifies keys with a Keylodge. It is safe for concurrent use.
type Client struct {
	verify *url.URL
	http   *http.Client
	cache  *cache // nil: nothing is cached
	now    func() time.Time
}

// New returns a client. It fails if the configuration is invalid, and does not
// try to reach Keylodge.
func New(c Config) (*Client, error) {
	base, err := url.Parse(c.URL)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.RawQuery != "" ||
		base.User != nil {
		return nil, fmt.Errorf("client: %q is not the URL of a Keylodge, such as https://keys.example.com", c.URL)
	}
	if c.MaxStaleness < 0 || c.Timeout < 0 {
		return nil, errors.New("client: MaxStaleness and Timeout must not be negative")
	}
	if c.Timeout == 0 {
		c.Timeout = 2 * time.Second
	}
	if c.Transport == nil {
		c.Transport = &http.Transport{
			MaxIdleConns: 64, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute, DisableCompression: true,
			DialContext:         (&net.Dialer{Timeout: c.Timeout, KeepAlive: 15 * time.Second}).DialContext,
			TLSHandshakeTimeout: c.Timeout,
		}
	}
	verify := &url.URL{Scheme: base.Scheme, Host: base.Host, Path: strings.TrimSuffix(base.Path, "/") + "/verify"}
	client := &Client{verify: verify, now: time.Now, http: &http.Client{
		Transport: c.Transport, Timeout: c.Timeout,
		// A key is sent to Keylodge only.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if c.MaxStaleness > 0 {
		client.cache = newCache(c.MaxStaleness)
	}
	return client, nil
}

// Refusal is the error for a key that may not be used.
type Refusal struct {
	// Status is 401 when no valid key was presented, 403 when the key lacks a
	// scope or its networks do not include the client's IP, and 429 when it is
	// over its rate limit, or too many invalid keys came from one IP.
	Status int
	// Header belongs in the response to the client: WWW-Authenticate,
	// Retry-After, RateLimit and RateLimit-Policy, if Keylodge sent them.
	Header http.Header
}

// Error returns the reason, without the key.
func (r *Refusal) Error() string { return "client: key refused: " + http.StatusText(r.Status) }

// ErrUnavailable is the error when Keylodge can't be reached, or what answers
// is not Keylodge. The request must be refused.
var ErrUnavailable = errors.New("client: Keylodge unavailable")

// Verify verifies the key that a request presents, which must have all of the
// scopes, and returns its identity. The error is a [*Refusal] or wraps
// [ErrUnavailable].
func (c *Client) Verify(r *http.Request, scopes ...string) (Identity, error) {
	v, err := c.verification(r, scopes)
	return v.identity, err
}

// verified is a key that Keylodge accepts.
type verified struct {
	identity Identity
	header   http.Header // of the key's rate limit, if it has one
}

func (c *Client) verification(r *http.Request, scopes []string) (verified, error) {
	key, ok := presented(r)
	if !ok {
		challenge := "Bearer" // RFC 6750 section 3.1: no error when no key was sent
		if key.header != "" {
			challenge = `Bearer error="invalid_token"`
		}
		return verified{}, &Refusal{http.StatusUnauthorized, http.Header{"Www-Authenticate": {challenge}}}
	}
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		ip = r.RemoteAddr
	}
	began := c.now()
	id := cacheKeyOf(key.value, ip, scopes)
	if identity, ok := c.cache.get(id, began); ok {
		return verified{identity: identity}, nil
	}
	q := c.request(r.Context(), key, scopes)
	q.Header.Set("X-Forwarded-For", ip)
	q.Header.Set("User-Agent", r.UserAgent())
	v, err := c.send(q)
	if err == nil && len(v.header) == 0 {
		c.cache.put(id, v.identity, began)
	}
	return v, err
}

func (c *Client) request(ctx context.Context, key credential, scopes []string) *http.Request {
	to := *c.verify
	to.RawQuery = url.Values{"scope": scopes}.Encode()
	r := &http.Request{
		Method: http.MethodGet, URL: &to, Host: to.Host, Header: http.Header{key.header: {key.value}},
	}
	return r.WithContext(ctx)
}

// forwarded are the headers that are passed on to the client of the service.
var forwarded = []string{"Www-Authenticate", "Retry-After", "Ratelimit", "Ratelimit-Policy"}

func (c *Client) send(q *http.Request) (verified, error) {
	response, err := c.http.Do(q)
	if err != nil {
		return verified{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer response.Body.Close()
	io.CopyN(io.Discard, response.Body, 4<<10) // so that the connection can be reused
	header := http.Header{}
	for _, name := range forwarded {
		if values := response.Header[name]; len(values) > 0 {
			header[name] = values
		}
	}
	switch response.StatusCode {
	case http.StatusNoContent:
		identity, ok := identityFrom(response.Header)
		if !ok {
			return verified{}, fmt.Errorf("%w: 204 without an identity", ErrUnavailable)
		}
		return verified{identity, header}, nil
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return verified{}, &Refusal{response.StatusCode, header}
	}
	return verified{}, fmt.Errorf("%w: status %s", ErrUnavailable, response.Status)
}

// credential is the header of a request that presents its key.
type credential struct{ header, value string }

// presented returns the key that a request presents. When it presents several,
// none counts: ok is false, and the header of key is set.
func presented(r *http.Request) (key credential, ok bool) {
	n := 0
	for _, value := range r.Header["Authorization"] {
		if scheme, _, _ := strings.Cut(value, " "); strings.EqualFold(scheme, "Bearer") {
			key, n = credential{"Authorization", value}, n+1
		}
	}
	for _, value := range r.Header["X-Api-Key"] {
		key, n = credential{"X-Api-Key", value}, n+1
	}
	return key, n == 1 && key.value != ""
}
