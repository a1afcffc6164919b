package web

import (
	"net/url"
	"strings"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// keyForm is the form of a key as it was sent.
type keyForm struct{ templates.KeyForm }

func readKeyForm(f url.Values) keyForm {
	return keyForm{templates.KeyForm{
		Name: f.Get("name"), Owner: f.Get("owner"), Expires: f.Get("expires"), ExpiresAt: f.Get("expires_at"),
		Nonce: f.Get("nonce"), Access: f.Get("access"), Scope: strings.Join(f["scope"], " "),
		Templates: f["template"], AllowFrom: strings.Join(f["allow_from"], "\n"), RateLimit: f.Get("rate_limit"),
	}}
}

// newKey returns the key that the form asks for.
func (f *keyForm) newKey(expires string, scopes []string) workspace.NewKey {
	return workspace.NewKey{
		OwnerID: f.Owner, Name: f.Name, Expires: expires, Nonce: f.Nonce, Access: f.Access, Scopes: scopes,
		Networks: splitList(f.AllowFrom), Rate: strings.TrimSpace(f.RateLimit),
	}
}

// expires returns the expiry as [workspace.ParseExpiry] takes it. If the date
// is missing it notes that in the form.
func (f *keyForm) expires() string {
	if f.Expires != "date" {
		return f.Expires
	}
	if f.ExpiresAt == "" {
		f.note("expires_at", "Give a date and time, such as 2027-01-31T18:00.")
	}
	return f.ExpiresAt
}

// note adds an error to a field.
func (f *keyForm) note(field, message string) {
	if f.Errors == nil {
		f.Errors = workspace.Fields{}
	}
	f.Errors[field] = message
}

// setErrors sets the errors of the form. An error of a date goes to the field
// of the date.
func (f *keyForm) setErrors(wrong workspace.Fields) {
	f.Errors = wrong
	if message := wrong["expires"]; message != "" && f.Expires == "date" {
		wrong["expires_at"] = message
		delete(wrong, "expires")
	}
}

// scopesOf returns the scopes of the form, including those of its templates. It
// notes unknown templates in the form.
func (s *Server) scopesOf(p *pageContext, form *keyForm) ([]string, error) {
	typed := splitList(form.Scope)
	if len(form.Templates) == 0 {
		return typed, nil
	}
	catalog, err := s.service.ScopeCatalog(p.ctx(), p.Actor)
	if err != nil {
		return nil, err
	}
	scopes, message := catalog.Expand(typed, form.Templates)
	if message != "" {
		form.note("template", message)
	}
	return scopes, nil
}
