package web

import (
	"net/url"
	"strings"

	"github.com/keylodge/keylodge/templates"
	"github.com/keylodge/keylodge/workspace"
)

// keyForm is what the forms of a key have sent.
type keyForm struct{ templates.AddKeyForm }

func readKeyForm(f url.Values) keyForm {
	return keyForm{templates.AddKeyForm{
		Name: f.Get("name"), Owner: f.Get("owner"), Expires: f.Get("expires"), ExpiresAt: f.Get("expires_at"), Nonce: f.Get("nonce"),
		Access: f.Get("access"), Scope: strings.Join(f["scope"], " "), AllowFrom: strings.Join(f["allow_from"], "\n"), RateLimit: f.Get("rate_limit"),
	}}
}

// expires returns what [workspace.ParseExpiry] takes.
func (f keyForm) expires() string {
	switch {
	case f.Expires != "date":
		return f.Expires
	case f.ExpiresAt == "":
		return "missing"
	}
	return f.ExpiresAt
}

// setErrors puts what is wrong with a date at the date's own field.
func (f *keyForm) setErrors(wrong workspace.Fields) {
	f.Errors = wrong
	if message := wrong["expires"]; message != "" && f.Expires == "date" {
		wrong["expires_at"] = message
		delete(wrong, "expires")
	}
}
