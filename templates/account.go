package templates

import (
	"strings"

	"github.com/keylodge/keylodge/internal/useragent"
	"github.com/keylodge/keylodge/internal/workspace"
)

// device names a browser as far as it says what it is: "Firefox on Linux".
func device(userAgent string) string {
	browser, platform := useragent.Family(userAgent), useragent.Platform(userAgent)
	switch {
	case browser == "":
		return "A browser that does not say what it is"
	case platform == "":
		return browser
	}
	return browser + " on " + platform
}

// spaced sets a secret in groups of four, to be typed.
func spaced(secret string) string {
	var b strings.Builder
	for i, r := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func lines(texts []string) string { return strings.Join(texts, "\n") }

// WithFactor as [ConfirmForm].With wants a second factor.
const WithFactor = "factor"

// FactorOnly says whether only a second factor is proof enough.
func (f ConfirmForm) FactorOnly() bool { return f.With == WithFactor && f.Ways.HasFactor() }

func (f ConfirmForm) takesPassword() bool { return f.Ways.Password && !f.FactorOnly() }

func (f ConfirmForm) takesCode(w workspace.Workspace) bool {
	return f.Ways.HasTOTP() && !(f.Held && w.SignIn.Require == workspace.RequirePasskey)
}

func (f ConfirmForm) codeLabel() string {
	if f.takesPassword() {
		return "Or a code of your authenticator app"
	}
	return "Code of your authenticator app"
}
