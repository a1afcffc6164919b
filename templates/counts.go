package templates

import (
	"strconv"

	"github.com/keylodge/keylodge/workspace"
)

// thousands writes a count with a comma between groups of three digits.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// keyCount is the line below the list: "1,204 active keys".
func keyCount(n int, state workspace.KeyState, onlyOwn bool) string {
	text := plural(n, string(state)+" key")
	if onlyOwn {
		text += " of yours"
	}
	return text
}
