package web

import (
	"net/http"
	"testing"
)

// TestCookieChangesAfterTheKeyWasShown tests the precaution that needs no
// script: a browser does not restore a page after a cookie that scripts can't
// read has changed.
func TestCookieChangesAfterTheKeyWasShown(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.newOwner(t)
	for _, headers := range [][]string{nil, {"HX-Request", "true"}} {
		a := c.post("/settings/api-keys", addKeyForm("CI deploy", c.nonce()), headers...).want(http.StatusCreated)
		set := (&http.Response{Header: a.header}).Cookies()
		if len(set) != 1 || !set[0].HttpOnly || a.header.Get("Cache-Control") != "no-store" ||
			a.header.Get("Content-Encoding") != "" {
			t.Fatalf("the *page with the key: %v", a.header)
		}
		next := (&http.Response{Header: c.fetch("/settings/api-keys").header}).Cookies()
		if len(next) != 1 || next[0].Name != set[0].Name || next[0].MaxAge >= 0 {
			t.Errorf("the next page sets %v", next)
		}
		if after := c.fetch("/settings/api-keys").header["Set-Cookie"]; after != nil {
			t.Errorf("the page after sets %v", after)
		}
	}
}
