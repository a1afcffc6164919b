package templates

import (
	"strings"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TOTPView sets up an authenticator app.
type TOTPView struct {
	Layout
	Secret string // base32
	URL    string // that the QR code holds
	Errors workspace.Fields
}

// RecoveryCodesView shows recovery codes, which no later response contains.
type RecoveryCodesView struct {
	Layout
	Codes []string
}

// spaced splits a secret into groups of four characters.
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
