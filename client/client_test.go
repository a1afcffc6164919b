package client_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keylodge/keylodge/client"
	"github.com/keylodge/keylodge/internal/workspace"
)

// fixture is a Keylodge and a client of it.
type fixture struct {
	*testing.T
	*keylodge
	client *client.Client
}

func install(t *testing.T, c client.Config) *fixture {
	t.Helper()
	k, err := startKeylodge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.stop)
	c.URL = k.url
	f := &fixture{T: t, keylodge: k}
	if f.client, err = client.New(c); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixture) addKey(n workspace.NewKey) (workspace.Key, string) {
	f.Helper()
	key, secret, err := f.add(f.Context(), n)
	if err != nil {
		f.Fatal(err)
	}
	return key, secret
}

func (f *fixture) revoke(key workspace.Key) {
	f.Helper()
	if _, err := f.RevokeKey(f.Context(), f.operator, key.ID, workspace.ReasonNone); err != nil {
		f.Fatal(err)
	}
}

// request is one from an address, with headers as names and values in turn.
func request(headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/invoices", nil)
	r.RemoteAddr = "203.0.113.7:4711"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func bearer(key string) *http.Request { return request("Authorization", "Bearer "+key) }

// serve sends a request through the middleware to a handler that says who asks.
func serve(c *client.Client, r *http.Request, scopes ...string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	c.Require(scopes...)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, ok := client.FromContext(r.Context())
		fmt.Fprintf(w, "%v %+v", ok, who)
	})).ServeHTTP(w, r)
	return w
}

func TestAcceptedWithAnIdentity(t *testing.T) {
	f := install(t, client.Config{})
	full, fullSecret := f.addKey(workspace.NewKey{Name: "100% 鍵"})
	narrow, narrowSecret := f.addKey(workspace.NewKey{Scopes: []string{"b", "a"}})
	who, err := f.client.Verify(request("X-API-Key", fullSecret), "anything")
	want := client.Identity{Workspace: "acme", User: full.OwnerID, Role: "owner", KeyID: full.ID, KeyName: "100% 鍵"}
	if err != nil || fmt.Sprint(who) != fmt.Sprint(want) || who.Scopes != nil {
		t.Errorf("%+v %v, want %+v", who, err, want)
	}
	who, err = f.client.Verify(bearer(narrowSecret), "a", "b")
	if err != nil || fmt.Sprint(who.Scopes) != "[a b]" || who.KeyID != narrow.ID {
		t.Errorf("%+v %v", who, err)
	}
	if w := serve(f.client, bearer(fullSecret)); w.Code != 200 ||
		!strings.HasPrefix(w.Body.String(), "true {Workspace:acme") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if _, ok := client.FromContext(t.Context()); ok {
		t.Error("there is an identity from nowhere")
	}
}

func TestRefused(t *testing.T) {
	f := install(t, client.Config{})
	_, good := f.addKey(workspace.NewKey{})
	dead, deadSecret := f.addKey(workspace.NewKey{})
	f.revoke(dead)
	_, narrow := f.addKey(workspace.NewKey{Scopes: []string{"a"}})
	_, bound := f.addKey(workspace.NewKey{Networks: []string{"192.0.2.0/24"}})
	_, here := f.addKey(workspace.NewKey{Networks: []string{"203.0.113.7"}})
	_, used := f.addKey(workspace.NewKey{Rate: "1/24h"})
	if w := serve(f.client, bearer(used)); w.Code != 200 ||
		!strings.HasPrefix(w.Header().Get("RateLimit"), `"key";r=0;`) ||
		w.Header().Get("RateLimit-Policy") == "" {
		t.Errorf("within its rate: %d %v", w.Code, w.Header())
	}
	for name, c := range map[string]struct {
		request *http.Request
		status  int
		header  string
	}{
		"good":           {bearer(good), 200, ""},
		"no key":         {request(), 401, "Www-Authenticate"},
		"another scheme": {request("Authorization", "Basic "+good), 401, "Www-Authenticate"},
		"no key at all":  {bearer("x"), 401, "Www-Authenticate"},
		"empty":          {request("X-API-Key", ""), 401, "Www-Authenticate"},
		"unknown":        {bearer("kl_0123456789ABCDEFGHIJKLMNOPQRSTUV0dYxzJ"), 401, "Www-Authenticate"},
		"revoked":        {bearer(deadSecret), 401, "Www-Authenticate"},
		"two ways":       {request("Authorization", "Bearer "+good, "X-API-Key", good), 401, "Www-Authenticate"},
		"the same twice": {request("X-API-Key", good, "X-API-Key", good), 401, "Www-Authenticate"},
		"two bearers": {request("Authorization", "Bearer "+good, "Authorization", "bearer x"), 401,
			"Www-Authenticate"},
		"a scope too few":   {bearer(narrow), 403, "Www-Authenticate"},
		"used elsewhere":    {bearer(bound), 403, "Www-Authenticate"},
		"used at its place": {bearer(here), 200, ""},
		"over its rate":     {bearer(used), 429, "Retry-After"},
	} {
		t.Run(name, func(t *testing.T) {
			w := serve(f.client, c.request, "b")
			if w.Code != c.status || c.header != "" && w.Header().Get(c.header) == "" {
				t.Fatalf("%d %v", w.Code, w.Header())
			}
			says := strings.Contains(w.Body.String(), fmt.Sprintf(`"status":%d`, c.status))
			if c.status != 200 && (w.Header().Get("Content-Type") != "application/problem+json" || !says) {
				t.Errorf("%v %s", w.Header(), w.Body)
			}
		})
	}
	query := bearer("x")
	query.Header = http.Header{}
	query.URL.RawQuery = "key=" + good
	if w := serve(f.client, query); w.Code != 401 {
		t.Errorf("a key in the address: %d", w.Code)
	}
}

func TestRevokedAtTheNextRequest(t *testing.T) {
	f := install(t, client.Config{})
	for range 20 {
		key, secret := f.addKey(workspace.NewKey{})
		if w := serve(f.client, bearer(secret)); w.Code != 200 {
			t.Fatal(w.Code)
		}
		f.revoke(key)
		if w := serve(f.client, bearer(secret)); w.Code != 401 {
			t.Fatalf("a revoked key gets %d", w.Code)
		}
	}
	if n := f.connections.Load(); n != 1 {
		t.Errorf("%d connections for requests one after another", n)
	}
}

// Many requests at once, and a revocation in the middle: none that began after
// it passes.
func TestRevokedUnderLoad(t *testing.T) {
	f := install(t, client.Config{})
	key, secret := f.addKey(workspace.NewKey{})
	var gone atomic.Bool
	var passed, late atomic.Int32
	enough := make(chan struct{})
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 100 {
				after := gone.Load()
				if _, err := f.client.Verify(bearer(secret)); err == nil {
					if passed.Add(1) == 100 {
						close(enough)
					}
					if after {
						late.Add(1)
					}
				}
			}
		})
	}
	<-enough
	f.revoke(key)
	gone.Store(true)
	all.Wait()
	if late.Load() > 0 || passed.Load() == 1600 {
		t.Errorf("%d of %d passed after the revocation", late.Load(), passed.Load())
	}
}

func TestMaxStaleness(t *testing.T) {
	f := install(t, client.Config{MaxStaleness: time.Minute})
	now := time.Now()
	f.client.SetClock(func() time.Time { return now })
	key, secret := f.addKey(workspace.NewKey{Scopes: []string{"a"}})
	_, limited := f.addKey(workspace.NewKey{Rate: "1/24h"})
	expect := func(what string, want int, r *http.Request, scopes ...string) {
		t.Helper()
		if w := serve(f.client, r, scopes...); w.Code != want {
			t.Errorf("%s: %d, want %d", what, w.Code, want)
		}
	}
	expect("at first", 200, bearer(secret))
	f.revoke(key)
	now = now.Add(time.Minute)
	expect("revoked, within the time", 200, bearer(secret))
	expect("for a scope that was not asked for", 401, bearer(secret), "a")
	elsewhere := bearer(secret)
	elsewhere.RemoteAddr = "203.0.113.8:1"
	expect("from another address", 401, elsewhere)
	now = now.Add(1)
	expect("after the time, however often it was used", 401, bearer(secret))

	// A refusal is never cached.
	if _, err := f.DisableKey(t.Context(), f.operator, key.ID); err != nil {
		t.Fatal(err)
	}
	again, againSecret := f.addKey(workspace.NewKey{})
	if _, err := f.DisableKey(t.Context(), f.operator, again.ID); err != nil {
		t.Fatal(err)
	}
	expect("disabled", 401, bearer(againSecret))
	if _, err := f.EnableKey(t.Context(), f.operator, again.ID); err != nil {
		t.Fatal(err)
	}
	expect("enabled", 200, bearer(againSecret))

	// A rate is counted by Keylodge, so every use is asked about.
	expect("with a rate", 200, bearer(limited))
	expect("with a rate, again", 429, bearer(limited))
}

func TestEachRequestHasItsOwnScopes(t *testing.T) {
	f := install(t, client.Config{MaxStaleness: time.Hour})
	_, secret := f.addKey(workspace.NewKey{Scopes: []string{"a", "b"}})
	for range 3 { // verified, and then cached
		id, err := f.client.Verify(bearer(secret))
		if err != nil || !slices.Equal(id.Scopes, []string{"a", "b"}) {
			t.Fatalf("%v, %v", id.Scopes, err)
		}
		slices.Reverse(id.Scopes)
	}
}

func TestKeptAnswersAreBounded(t *testing.T) {
	f := install(t, client.Config{MaxStaleness: time.Hour})
	now := time.Now()
	f.client.SetClock(func() time.Time { return now })
	_, secret := f.addKey(workspace.NewKey{})
	for i := range client.MaxCached + 50 {
		r := bearer(secret)
		r.RemoteAddr = fmt.Sprintf("10.1.%d.%d:1", i/250, i%250)
		if _, err := f.client.Verify(r); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.client.Cached(); n != client.MaxCached {
		t.Errorf("%d keys are cached", n)
	}
	now = now.Add(2 * time.Hour)
	if _, err := f.client.Verify(bearer(secret)); err != nil || f.client.Cached() != 1 {
		t.Errorf("%d keys are cached when all but one are too old (%v)", f.client.Cached(), err)
	}
}

func TestKeylodgeThatCantBeAsked(t *testing.T) {
	f := install(t, client.Config{})
	_, secret := f.addKey(workspace.NewKey{})
	answers := func(answer http.HandlerFunc) string {
		s := httptest.NewServer(answer)
		t.Cleanup(s.Close)
		return s.URL
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, url := range map[string]string{
		"nobody there": "http://" + closed.Addr().String(),
		"silent":       "http://" + silent.Addr().String(),
		"503":          answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }),
		"500":          answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }),
		"200":          answers(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "welcome") }),
		"bare 204":     answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }),
		"a redirect": answers(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, f.url+"/verify", http.StatusFound)
		}),
		"a long answer": answers(func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 1<<10)); err != nil {
					return
				}
			}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			c, err := client.New(client.Config{URL: url, Timeout: 100 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Verify(bearer(secret)); !errors.Is(err, client.ErrUnavailable) ||
				strings.Contains(err.Error(), secret) {
				t.Errorf("error %v", err)
			}
			if w := serve(c, bearer(secret)); w.Code != 503 || w.Header().Get("Retry-After") == "" {
				t.Errorf("%d %v", w.Code, w.Header())
			}
		})
	}
}

func TestWrongConfig(t *testing.T) {
	for _, c := range []client.Config{
		{}, {URL: "keys.example.com"}, {URL: "ftp://x"}, {URL: "http://u:p@x"}, {URL: "http://x?y"},
		{URL: "http://x", MaxStaleness: -1}, {URL: "http://x", Timeout: -1},
	} {
		if _, err := client.New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
	c, err := client.New(client.Config{URL: "http://x"})
	if err != nil {
		t.Fatal(err)
	}
	for _, scope := range []string{"", "a b", "é", `"`} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("the scope %q is taken", scope)
				}
			}()
			c.Require("good", scope)
		}()
	}
}

// A workspace's host knows its own keys only.
func TestWorkspacesHost(t *testing.T) {
	f := install(t, client.Config{})
	_, secret := f.addKey(workspace.NewKey{})
	here := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, f.server.Listener.Addr().String())
	}}
	for host, want := range map[string]int{"acme.localhost": 200, "other.localhost": 401} {
		c, err := client.New(client.Config{URL: "http://" + host, Transport: here})
		if err != nil {
			t.Fatal(err)
		}
		if w := serve(c, bearer(secret)); w.Code != want {
			t.Errorf("%s: %d, want %d", host, w.Code, want)
		}
	}
}
