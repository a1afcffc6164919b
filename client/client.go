// Package client lets a Go service have the keys of its requests checked by a
// Keylodge.
//
//	keylodge, err := client.New(client.Config{URL: "https://keys.example.com"})
//	…
//	mux.Handle("GET /invoices", keylodge.Require("invoices:read")(invoices))
//
// and in the handler
//
//	who, _ := client.FromContext(r.Context())
//
// A request presents its key as "Authorization: Bearer KEY" or "X-API-Key:
// KEY". Each request is asked about over a pooled connection, so a revoked key
// is refused from the very next request on; [Config.MaxStaleness] trades some
// of that for fewer questions. When Keylodge can't be asked, requests are
// refused with 503: nothing is guessed.
//
// Keys that are bound to addresses are checked against the address that this
// service's peer has. Keylodge believes the service in that when it is one of
// its --trusted-proxies.
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

// Config says where Keylodge is. Only URL must be set.
type Config struct {
	// URL is a Keylodge's base URL, where keys of every workspace are accepted,
	// or a workspace's, where only its own are.
	URL string
	// MaxStaleness lets an accepted answer be used again for the same key,
	// scopes and address until so long after it was asked for. A key that is
	// revoked meanwhile is accepted until then. 0, the default, lets no answer
	// be used twice. Keys with a rate are always asked about.
	MaxStaleness time.Duration
	// Timeout is how long an answer may take. Default 2 s.
	Timeout time.Duration
	// Transport sends the questions. Default: one with up to 64 idle
	// connections, which uses no proxy.
	Transport http.RoundTripper
}

// Client asks a Keylodge about keys. It is safe for use by many goroutines at
// once.
type Client struct {
	verify *url.URL
	http   *http.Client
	kept   *kept // nil: nothing is kept
	now    func() time.Time
}

// New returns a client. It does not try to reach Keylodge.
func New(c Config) (*Client, error) {
	base, err := url.Parse(c.URL)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.RawQuery != "" ||
		base.User != nil {
		return nil, fmt.Errorf("client: %q is no URL of a Keylodge, such as https://keys.example.com", c.URL)
	}
	if c.MaxStaleness < 0 || c.Timeout < 0 {
		return nil, errors.New("client: MaxStaleness and Timeout can't be less than 0")
	}
	if c.Timeout == 0 {
		c.Timeout = 2 * time.Second
	}
	if c.Transport == nil {
		c.Transport = &http.Transport{
			MaxIdleConns: 64, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute, DisableCompression: true,
			DialContext: (&net.Dialer{Timeout: c.Timeout, KeepAlive: 15 * time.Second}).DialContext, TLSHandshakeTimeout: c.Timeout,
		}
	}
	verify := &url.URL{Scheme: base.Scheme, Host: base.Host, Path: strings.TrimSuffix(base.Path, "/") + "/verify"}
	client := &Client{verify: verify, now: time.Now, http: &http.Client{
		Transport: c.Transport, Timeout: c.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // a key goes nowhere else
	}}
	if c.MaxStaleness > 0 {
		client.kept = newKept(c.MaxStaleness)
	}
	return client, nil
}

// Refusal is the error for a key that may not be used.
type Refusal struct {
	// Status is 401 when there is no good key, 403 when it may not be used for
	// this or from here, and 429 when it is used too often.
	Status int
	// Header has what belongs into the answer: WWW-Authenticate, Retry-After,
	// RateLimit and RateLimit-Policy, where Keylodge has sent them.
	Header http.Header
}

// Error says what is wrong, without the key.
func (r *Refusal) Error() string { return "client: the key is refused: " + http.StatusText(r.Status) }

// ErrUnavailable is the error when Keylodge can't be asked, or does not answer
// as a Keylodge does. The request must be refused.
var ErrUnavailable = errors.New("client: Keylodge can't be asked")

// Check says whose the key of a request is. The key must have all of the
// scopes. The error is a [*Refusal], or else wraps [ErrUnavailable].
func (c *Client) Check(r *http.Request, scopes ...string) (Identity, error) {
	a, err := c.check(r, scopes)
	return a.identity, err
}

// answer is what Keylodge says of an accepted key.
type answer struct {
	identity Identity
	header   http.Header // of the key's rate, if it has one
}

func (c *Client) check(r *http.Request, scopes []string) (answer, error) {
	header, key, ok := presented(r)
	if !ok {
		challenge := "Bearer" // RFC 6750 section 3.1: no error when no key was sent
		if header != "" {
			challenge = `Bearer error="invalid_token"`
		}
		return answer{}, &Refusal{http.StatusUnauthorized, http.Header{"Www-Authenticate": {challenge}}}
	}
	from, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		from = r.RemoteAddr
	}
	asked := c.now()
	question := questionOf(key, from, scopes)
	if identity, ok := c.kept.get(question, asked); ok {
		return answer{identity: identity}, nil
	}
	q := c.question(r.Context(), header, key, scopes)
	q.Header.Set("X-Forwarded-For", from)
	q.Header.Set("User-Agent", r.UserAgent())
	a, err := c.ask(q)
	if err == nil && len(a.header) == 0 {
		c.kept.put(question, a.identity, asked)
	}
	return a, err
}

func (c *Client) question(ctx context.Context, header, key string, scopes []string) *http.Request {
	to := *c.verify
	to.RawQuery = url.Values{"scope": scopes}.Encode()
	return (&http.Request{Method: http.MethodGet, URL: &to, Host: to.Host, Header: http.Header{header: {key}}}).WithContext(
		ctx,
	)
}

// told are the headers that go on to the client of the service.
var told = []string{"Www-Authenticate", "Retry-After", "Ratelimit", "Ratelimit-Policy"}

func (c *Client) ask(q *http.Request) (answer, error) {
	response, err := c.http.Do(q)
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer response.Body.Close()
	io.CopyN(io.Discard, response.Body, 4<<10) // so that the connection can be used again
	header := http.Header{}
	for _, name := range told {
		if values := response.Header[name]; len(values) > 0 {
			header[name] = values
		}
	}
	switch response.StatusCode {
	case http.StatusNoContent:
		identity, ok := identityFrom(response.Header)
		if !ok {
			return answer{}, fmt.Errorf("%w: a 204 without an identity", ErrUnavailable)
		}
		return answer{identity, header}, nil
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return answer{}, &Refusal{response.StatusCode, header}
	}
	return answer{}, fmt.Errorf("%w: it answers %s", ErrUnavailable, response.Status)
}

// presented returns the header that presents a request's key, and its value.
// Several at once are none: who sends two keys leaves it to chance which one
// counts.
func presented(r *http.Request) (header, value string, ok bool) {
	n := 0
	for _, v := range r.Header["Authorization"] {
		if scheme, _, _ := strings.Cut(v, " "); strings.EqualFold(scheme, "Bearer") {
			header, value, n = "Authorization", v, n+1
		}
	}
	for _, v := range r.Header["X-Api-Key"] {
		header, value, n = "X-Api-Key", v, n+1
	}
	return header, value, n == 1 && value != ""
}
