package templates

import (
	"strconv"

	"github.com/keylodge/keylodge/internal/workspace"
)

// thousands returns a count with commas between groups of three digits.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// expiringWords says how many keys end soon: "3 keys end within 14 days."
func expiringWords(n int) string {
	switch {
	case n == 1:
		return "1 key ends within 14 days."
	case n > workspace.CountedUpTo:
		return "More than " + thousands(workspace.CountedUpTo) + " keys end within 14 days."
	}
	return thousands(n) + " keys end within 14 days."
}

// keyCount is the line below the list: "1,204 active keys".
func keyCount(n int, state workspace.KeyState, onlyOwn bool) string {
	text := plural(n, string(state)+" key")
	if onlyOwn {
		text += " of yours"
	}
	return text
}
