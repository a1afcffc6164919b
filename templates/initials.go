package templates

import (
	"strings"
	"unicode"
)

// initials returns the first letters of the first and last word of a name, in
// any script and with their combining marks. It returns one letter for one
// word, and "" if there is no letter.
func initials(name string) string {
	words := strings.FieldsFunc(name, unicode.IsSpace)
	var letters []string
	for _, w := range words {
		if l := firstLetter(w); l != "" {
			letters = append(letters, l)
		}
	}
	switch len(letters) {
	case 0:
		return ""
	case 1:
		return letters[0]
	}
	return letters[0] + letters[len(letters)-1]
}

func firstLetter(word string) string {
	word = strings.TrimLeftFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, r := range word {
		if i > 0 && !unicode.IsMark(r) {
			word = word[:i]
			break
		}
	}
	return strings.ToUpper(word)
}
