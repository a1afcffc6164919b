package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

type nullWriter struct{ h http.Header }

func (n *nullWriter) Header() http.Header         { return n.h }
func (n *nullWriter) Write(p []byte) (int, error) { return len(p), nil }
func (n *nullWriter) WriteHeader(int)             {}

func BenchmarkVerify(b *testing.B) {
	s := newTestServer(b)
	s.addWorkspace(b, "acme")
	key := s.addKey(b, "acme", workspace.NewKey{Name: "CI deploy", Scopes: []string{"a", "b"}})
	caller := s.addKey(b, "acme", workspace.NewKey{})
	b.Run("gateway", func(b *testing.B) {
		r := httptest.NewRequest("GET", "http://localhost/verify?scope=a", nil)
		r.Header.Set("Authorization", "Bearer "+key)
		w := &nullWriter{http.Header{}}
		b.ReportAllocs()
		for b.Loop() {
			clear(w.h)
			s.ServeHTTP(w, r)
		}
		if w.h.Get("X-Keylodge-Key-Id") == "" {
			b.Fatal("no")
		}
	})
	b.Run("refused", func(b *testing.B) {
		r := httptest.NewRequest("GET", "http://localhost/verify?scope=z", nil)
		r.Header.Set("Authorization", "Bearer "+key)
		w := &nullWriter{http.Header{}}
		b.ReportAllocs()
		for b.Loop() {
			clear(w.h)
			s.ServeHTTP(w, r)
		}
	})
	b.Run("envoy", func(b *testing.B) {
		r := httptest.NewRequest("POST", "http://localhost/verify/envoy/x", nil)
		r.Header.Set("Authorization", "Bearer "+key)
		w := &nullWriter{http.Header{}}
		b.ReportAllocs()
		for b.Loop() {
			clear(w.h)
			s.ServeHTTP(w, r)
		}
	})
	for name, body := range map[string][3]string{
		"json":       {"/api/v1/verify", `{"key":"` + key + `"}`, "application/json"},
		"introspect": {"/api/v1/introspect", "token=" + key, "application/x-www-form-urlencoded"},
	} {
		b.Run(name, func(b *testing.B) {
			w := &nullWriter{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				r, _ := http.NewRequest("POST", "http://localhost"+body[0], strings.NewReader(body[1]))
				r.RemoteAddr = "192.0.2.1:1"
				r.Header["Content-Type"] = []string{body[2]}
				r.Header["Authorization"] = []string{"Bearer " + caller}
				clear(w.h)
				s.ServeHTTP(w, r)
			}
		})
	}
}
