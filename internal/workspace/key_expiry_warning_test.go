package workspace_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// warn looks for keys that end soon, and returns who was told of how many keys
// since it last did.
func (o *office) warn(t *told) (who []string) {
	o.Helper()
	if err := o.WarnOfExpiry(o.Context()); err != nil {
		o.Fatal(err)
	}
	*t = o.deliver()
	for _, m := range t.mails {
		who = append(who, m.To+strings.Repeat("*", strings.Count(m.Text, "” (")))
	}
	slices.Sort(who)
	return who
}

func (o *office) expects(what string, t *told, want ...string) {
	o.Helper()
	if got := o.warn(t); !slices.Equal(got, want) {
		o.Errorf("%s: %v, not %v", what, got, want)
	}
}

func (o *office) addEnding(by workspace.Actor, owner, expires string) workspace.Key {
	o.Helper()
	by.ProvenAt = o.clock
	key, _, err := o.AddKey(o.Context(), by, workspace.NewKey{OwnerID: owner, Expires: expires,
		Nonce: secret.NewToken()})
	if err != nil {
		o.Fatal(err)
	}
	return key
}

// TestWarningsBeforeExpiry meets every moment at which somebody is told that a
// key ends, and a microsecond before each.
func TestWarningsBeforeExpiry(t *testing.T) {
	o := newOffice(t)
	heard := o.hears()
	began := o.clock
	o.addEnding(o.dana, "", "90d")
	for _, days := range []int{14, 7, 1} {
		o.clock = began.AddDate(0, 0, 90-days).Add(-time.Microsecond)
		o.expects("a microsecond too early", heard)
		o.clock = o.clock.Add(time.Microsecond)
		o.expects("in time", heard, "dana@acme.example*")
		if text := heard.mails[0].Text; !strings.Contains(text, "“Untitled key” (kl_") || !strings.Contains(text,
			"expires on 21 February 2027 at 09:00 UTC, in ") || !strings.Contains(text, "https://acme.example/key_") {
			t.Errorf("the message says %s", text)
		}
		o.expects("again", heard)
		o.clock = o.clock.Add(time.Hour)
		o.expects("an hour later", heard)
	}
	o.clock = began.AddDate(0, 0, 90)
	o.expects("once it has ended", heard)
	if n := o.count(workspace.ActionKeyExpiryWarned); n != 3 {
		t.Errorf("%d events", n)
	}
}

// TestWhoIsWarned has keys of many sorts end together.
func TestWhoIsWarned(t *testing.T) {
	o := newOffice(t)
	heard := o.hears()
	lina := o.hire("lina@acme.example", workspace.RoleDeveloper)
	gone := o.hire("gone@acme.example", workspace.RoleDeveloper)
	o.hire("mei@acme.example", workspace.RoleAdmin)
	robot, err := o.AddServiceAccount(t.Context(), o.dana, "Robot", workspace.RoleDeveloper)
	if err != nil {
		t.Fatal(err)
	}
	began := o.clock
	for range 2 {
		o.addEnding(lina, "", "30d")
	}
	o.addEnding(o.dana, robot.UserID, "30d")
	o.addEnding(gone, "", "30d")
	revoked, disabled := o.addEnding(lina, "", "30d"), o.addEnding(lina, "", "30d")
	o.addEnding(lina, "", "never")
	if _, err := o.RevokeKey(t.Context(), o.dana, revoked.ID, workspace.ReasonNone); err != nil {
		t.Fatal(err)
	}
	if _, err := o.DisableKey(t.Context(), o.dana, disabled.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := o.ChangeMember(t.Context(), o.dana, gone.UserID,
		func(m *workspace.Member) { m.Active = false }); err != nil {
		t.Fatal(err)
	}
	if _, err := o.SetWebhook(t.Context(), o.dana, "https://hooks.acme.example/keys"); err != nil {
		t.Fatal(err)
	}
	o.clock = began.AddDate(0, 0, 25) // the first two stages were missed: nothing ran
	o.expects("all together", heard, "dana@acme.example**", "lina@acme.example***", "mei@acme.example**")
	var message struct {
		Type string
		Data struct {
			Keys []struct {
				ID, URL string
				Expires time.Time `json:"expires_at"`
			}
		}
	}
	if len(heard.hooks) != 1 || json.Unmarshal(heard.hooks[0].Body, &message) != nil ||
		message.Type != "key.expiring" || len(message.Data.Keys) != 5 ||
		!message.Data.Keys[0].Expires.Equal(began.AddDate(0, 0, 30)) {
		t.Errorf("the webhook is told %v", heard.hooks)
	}
	o.clock = began.AddDate(0, 0, 29)
	o.expects("the last time", heard, "dana@acme.example**", "lina@acme.example***", "mei@acme.example**")
}

// TestWhatIsKnownIsNotWarnedOf gives keys ends, near and far.
func TestWhatIsKnownIsNotWarnedOf(t *testing.T) {
	o := newOffice(t)
	heard := o.hears()
	began := o.clock
	key := o.addEnding(o.dana, "", "5d")
	o.expects("an end that somebody has just chosen", heard)
	edit := func(expires string) {
		t.Helper()
		o.dana.ProvenAt = o.clock
		if _, err := o.EditKey(t.Context(), o.dana, key.ID, workspace.KeyEdit{Expires: expires,
			Access: "full"}); err != nil {
			t.Fatal(err)
		}
	}
	o.clock = began.AddDate(0, 0, 4)
	o.expects("a day before", heard, "dana@acme.example*")
	edit("30d")
	o.expects("once it is put off", heard)
	o.clock = o.clock.AddDate(0, 0, 16)
	o.expects("14 days before the other end", heard, "dana@acme.example*")
	edit("2d")
	o.expects("once it is brought near", heard)
	o.clock = o.clock.AddDate(0, 0, 1)
	o.expects("a day before that", heard, "dana@acme.example*")
	edit("never")
	o.clock = o.clock.AddDate(0, 0, 1)
	o.expects("without an end", heard)

	o.dana.ProvenAt = o.clock
	if _, err := o.SetWebhook(t.Context(), o.dana, "http://localhost:1/"); workspace.KindOf(err) != workspace.Invalid {
		t.Errorf("a webhook on this machine: %v", err)
	}
	for _, secret := range []string{"https://hooks.acme.example", "https://hooks.acme.example", ""} {
		got, err := o.SetWebhook(t.Context(), o.dana, secret)
		if err != nil || strings.HasPrefix(got, "whsec_") != (secret != "") {
			t.Errorf("%q %v", got, err)
		}
	}
	if w, err := o.Webhook(t.Context(), o.dana); err != nil || w.URL != "" {
		t.Errorf("%v %v", w, err)
	}
}
