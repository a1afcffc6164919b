package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestMalformedHostHasNoPages spells hosts in every way that a client or proxy
// can.
func TestMalformedHostHasNoPages(t *testing.T) {
	s := newTestServer(t)
	s.addWorkspace(t, "acme")
	s.addWorkspace(t, "beta")
	for host, malformed := range map[string]bool{
		"localhost": false, "LOCALHOST.:8080": false, "127.0.0.1": false, "[::1]:8080": false, "keylodge": false,
		"": false, "beta.localhost": false, "Beta.Localhost.:80": false, "acme.localhost": false,
		"acme.localhost.": false, "ACME.localhost.:8080": false, "acme.localhost:": false, "nobody.localhost": false,
		"x.beta.localhost": false,
		"acme.localhost..": true, "acme.localhost:80:80": true, "acme%2Elocalhost": true, "acme.localhost%00": true,
		"beta.localhost:80:80": true, "acme.localhost,beta.localhost": true,
	} {
		for _, path := range []string{"/", "/sign-in", "/static/none", "/settings/api-keys", "/setup"} {
			got := s.answer(withHost(request("GET", path, ""), host))
			if (got.Code == http.StatusBadRequest) != malformed {
				t.Errorf("GET %s with the host %q: %d", path, host, got.Code)
			} else if location := got.Header().Get("Location"); strings.Contains(location, "//") {
				t.Errorf("GET %s with the host %q leads to %s", path, host, location)
			}
		}
	}
}

func TestHostWithUserInfoIsRefused(t *testing.T) {
	s := newTestServer(t)
	r := httptest.NewRequest("GET", "http://beta@localhost/sign-in", nil)
	if got := s.answer(r).Code; got != http.StatusBadRequest {
		t.Errorf("status %d", got)
	}
}
