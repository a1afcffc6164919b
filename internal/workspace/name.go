package workspace

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/keylodge/keylodge/internal/secret"
)

// MaxName is the most characters (Unicode code points) that a name may have.
const MaxName = 100

const maxEmail = 254 // RFC 5321 section 4.5.3.1.3, less the angle brackets

// cleanName trims name. The message is empty when what is left may be a name:
// at most [MaxName] characters of any script, none of them a control character
// or one that turns the direction of the text around it, and not a key.
func cleanName(name string) (clean, message string) {
	clean = strings.TrimFunc(name, blank)
	switch {
	case !utf8.ValidString(clean):
		return clean, "This is not valid text (UTF-8)."
	case utf8.RuneCountInString(clean) > MaxName:
		return clean, "Use at most 100 characters."
	case strings.ContainsFunc(clean, hiddenControl):
		return clean, "Remove the control characters, such as tabs or line breaks."
	}
	if len(secret.Find(clean)) > 0 {
		return "", "There is a key in this name. Names are for everybody to see."
	}
	return clean, ""
}

// Clip returns the beginning of a text, of at most so many bytes, without a
// part of a character at its end.
func Clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for cut := most; cut > most-utf8.UTFMax && cut >= 0; cut-- {
		if utf8.RuneStart(text[cut]) {
			return text[:cut]
		}
	}
	return text[:most] // this is not UTF-8
}

func cleanRequiredName(name, whenEmpty string) (clean, message string) {
	clean, message = cleanName(name)
	if clean == "" && message == "" {
		message = whenEmpty
	}
	return clean, message
}

// blank reports whether a character at the end of a name can't be seen: a name
// of nothing else is none.
func blank(r rune) bool {
	return unicode.IsSpace(r) || r == '\u200b' || r == '\u2060' || r == '\ufeff'
}

func hiddenControl(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// cleanEmail trims and lowers an email, so that two spellings are one
// account.
func cleanEmail(email string) (clean, message string) {
	clean = FoldEmail(email)
	if clean == "" {
		return clean, "Enter an e-mail address."
	}
	a, err := mail.ParseAddress(clean)
	if err != nil || !utf8.ValidString(email) || a.Address != clean || len(clean) > maxEmail ||
		strings.ContainsFunc(clean, hiddenControl) {
		return clean, "This does not look like an e-mail address."
	}
	return clean, ""
}

// FoldEmail returns the form in which emails are stored and compared.
func FoldEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
