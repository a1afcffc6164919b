package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// keepable is a proxy in front of a server. It responds to GET /kept, once,
// with the response that shows a new key. Browsers keep such a page for Back,
// while Chromium keeps no response to a POST and none whose status is not 200.
// Without cookies, the response lacks the cookie that makes the browser drop
// the page.
func keepable(t *testing.T, s *server, cookies bool) *httptest.Server {
	t.Helper()
	target, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	var shown atomic.Bool
	site := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			if r.In.URL.Path != "/kept" || !shown.CompareAndSwap(false, true) {
				return
			}
			form := fields("name", "CI deploy", "expires", "never", "nonce", "kept").Encode()
			r.Out.Method, r.Out.URL.Path = http.MethodPost, "/settings/api-keys"
			r.Out.Body, r.Out.ContentLength = io.NopCloser(strings.NewReader(form)), int64(len(form))
			r.Out.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Out.Header.Set("Sec-Fetch-Site", "same-origin")
		},
		ModifyResponse: func(r *http.Response) error {
			if r.StatusCode == http.StatusCreated {
				r.StatusCode = http.StatusOK
				if !cookies {
					r.Header.Del("Set-Cookie")
				}
			}
			return nil
		},
	})
	t.Cleanup(site.Close)
	return site
}

// TestKeptPageForgetsTheKey goes Back to a page with a secret that the browser
// may keep. The cookie and the script each prevent that alone. Without both the
// secret comes back, which shows that the browser does keep the page.
func TestKeptPageForgetsTheKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		scripts, cookies bool
	}{
		{"by the cookie", false, true},
		{"by the script", true, false},
		{"by neither", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, nil)
			s.setUp(t)
			site := keepable(t, s, c.cookies)
			front := &server{
				t:       t,
				url:     site.URL,
				address: strings.TrimPrefix(site.URL, "http://"),
				secrets: map[string]bool{},
			}
			p := front.openSignedIn(t, viewport{scripts: c.scripts, width: 1280})
			p.goTo("/kept")
			p.see("Copy your key now")
			key := keyShape.FindString(p.text())
			s.secret(key)
			p.click("I have saved it")
			p.see("1 active key")
			p.goBack(-1)
			if c.scripts || c.cookies {
				p.lacks(key, "after Back")
			} else {
				p.see(key)
			}
		})
	}
}

// TestKeyIsWipedWhenThePageIsLeft sends the events of a page that the browser
// keeps and restores.
func TestKeyIsWipedWhenThePageIsLeft(t *testing.T) {
	t.Parallel()
	for _, way := range waysToAdd[:2] {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, nil)
			s.setUp(t)
			p := s.openSignedIn(t, way.viewport)
			key := way.show(p, s, "CI deploy")
			mustEval[bool](p, `dispatchEvent(new PageTransitionEvent("pagehide", {persisted: true}))`)
			p.lacks(key, "after pagehide")
			mustEval[bool](p, `dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true}))`)
			p.see("1 active key")
		})
	}
}
