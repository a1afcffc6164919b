// Package workspace is Keylodge's domain: workspaces, their members, and the
// API keys that members own.
//
// Rules live here and nowhere else: who may do what, what is valid, and what is
// recorded. Of our packages it imports only leaves, such as secret and
// password. The store, the index and the web depend on it, never the other way
// around.
package workspace

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Workspace is one tenant: a name for people and a slug for its host.
// Workspaces share nothing but users.
type Workspace struct {
	ID           string
	Slug         string // 3–40 of a–z, 0–9 and '-'; unique
	Name         string
	CreatedAt    time.Time
	OldSlug      string    // the slug before this one; may be empty
	OldSlugUntil time.Time // until when the old slug leads here; zero: there was none
	DisabledAt   time.Time // zero: its keys are not disabled as a whole
	Keys         KeyPolicy
	SignIn       SignInPolicy
	AuditDays    int // how long the audit log is kept; 0: forever
}

var slugShape = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$`)

// reservedSlugs would clash with hosts that people give to other things.
var reservedSlugs = []string{
	"admin", "api", "app", "assets", "auth", "blog", "cdn", "dashboard", "dev", "docs", "ftp", "help", "internal",
	"keylodge", "localhost", "login", "mail", "metrics", "root", "setup", "sign-in", "smtp", "staging", "static",
	"status", "support", "system", "test", "verify", "www",
}

func checkSlug(slug string) string {
	switch {
	case slug == "":
		return "Choose an address, such as “acme”."
	case !slugShape.MatchString(slug):
		return "Use 3 to 40 of a–z, 0–9 and “-”, with no “-” at either end."
	case slices.Contains(reservedSlugs, slug) || strings.HasPrefix(slug, "xn--"):
		return "This address is reserved. Choose another."
	}
	return ""
}
