package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestEditingKeys tries what an edit must not do.
func TestEditingKeys(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addSam(t, "developer")
	s.addBeta(t)
	dana, sam := s.signInAt(t, "acme", testOwner), s.signInAt(t, "acme", samEmail)
	ben := s.signInAt(t, "beta", benEmail)
	key := sam.addKey("Sam’s")
	path := "/settings/api-keys/" + sam.keyID("Sam’s")
	danas := "/settings/api-keys/" + func() string { dana.addKey("Dana’s"); return dana.keyID("Dana’s") }()
	edit := func(more ...string) url.Values {
		form := fields("name", "New", "expires", "keep", "access", "full")
		for i := 0; i < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return form
	}
	version := func(c *client) string {
		_, after, _ := strings.Cut(c.fetch(path+"/edit").want(http.StatusOK).body, `name="version" value="`)
		v, _, _ := strings.Cut(after, `"`)
		return v
	}
	sam.post(danas+"/edit", edit()).want(http.StatusNotFound)
	ben.post(path+"/edit", edit()).want(http.StatusNotFound)
	for says, form := range map[string]url.Values{
		"This moment has passed":         edit("expires", "date", "expires_at", "2001-01-01T00:00"),
		"Give a date and time":           edit("expires", "date"),
		"Name the scopes":                edit("access", "restricted"),
		"is an address within a network": edit("allow_from", "192.0.2.7/24"),
		"Give a number of requests":      edit("rate_limit", "fast"),
		"There is a key in this name":    edit("name", key),
	} {
		t.Run(says, func(t *testing.T) {
			sam := sam.in(t)
			sam.post(path+"/edit", form).want(http.StatusUnprocessableEntity, says)
		})
	}
	// Two edit at once: the second sees what the first has done, and
	// nothing of it is lost.
	first, second := version(sam), version(dana)
	sam.post(path+"/edit", edit("name", "Sam’s own", "version", first, "rate_limit", "100/1m")).
		want(http.StatusSeeOther)
	late := dana.post(path+"/edit", edit("name", "Dana’s idea", "version", second)).
		want(http.StatusConflict, "Somebody else has changed this key meanwhile.", "100/1m")
	if got := late.attribute("input[name=name]", "value"); got != "Dana’s idea" {
		t.Errorf("the name that was typed is %q", got)
	}
	dana.fetch(path).want(http.StatusOK, "Sam’s own")
	dana.post(path+"/edit", edit("name", "Dana’s idea", "version", version(dana))).want(http.StatusSeeOther)
	// To widen a key to full access wants a fresh proof, and what the
	// workspace lets keys be holds for edits.
	sam.post(path+"/edit", edit("access", "restricted", "scope", "a")).want(http.StatusSeeOther)
	s.growOld(t)
	sam.post(path+"/edit", edit("access", "restricted", "scope", "a b")).want(http.StatusSeeOther)
	if a := sam.post(path+"/edit", edit()); !strings.HasPrefix(a.location(), "/confirm") {
		t.Errorf("widening an old session's key gets %d to %q", a.status, a.location())
	}
	sam.post("/confirm", fields("password", testPassword, "next", "/")).want(http.StatusSeeOther)
	dana.post("/confirm", fields("password", testPassword, "next", "/")).want(http.StatusSeeOther)
	dana.post("/settings/general/keys", fields("max_days", "30", "full_access", "nobody", "max_keys", "1")).
		want(http.StatusSeeOther)
	sam.post(path+"/edit", edit()).
		want(http.StatusUnprocessableEntity, "You may not make keys with full access here.",
			"Keys live at most 30 days here.")
	sam.post(path+"/edit", edit("access", "restricted", "scope", "a", "expires", "30d")).want(http.StatusSeeOther)
	dana.post(path+"/revoke", nil).want(http.StatusSeeOther)
	dana.post(path+"/edit", edit()).want(http.StatusConflict, "revoked for good")
	dana.fetch(path).want(http.StatusOK, "Revoked")
}
