// Package password decides which passwords are good enough and hashes them.
package password

import (
	"bytes"
	_ "embed"
	"strings"
	"unicode/utf8"
)

// MinLength and MaxLength bound a password's length in characters.
const (
	MinLength = 12
	MaxLength = 256
)

// common has passwords of at least MinLength characters from leaked lists, one
// a line in lower case. Shorter ones are refused for their length.
//
//go:embed common_passwords.txt
var common []byte

// Check returns what is wrong with a password, as a message for the person who
// chose it, or "". As NIST SP 800-63B section 3.1.1.2 asks, there are no rules
// of composition: it refuses passwords that are too short or long, are on lists
// of common ones, or are made of words that an attacker tries first, such as
// the person's name.
func Check(password string, words ...string) string {
	folded := strings.ToLower(password)
	switch n := utf8.RuneCountInString(password); {
	case password == "":
		return "Choose a password."
	case n < MinLength:
		return "Use at least 12 characters. A few words in a row are fine."
	case n > MaxLength:
		return "Use at most 256 characters."
	case repeatsItself(folded) || bytes.Contains(common, []byte("\n"+folded+"\n")):
		return "This password is too easy to guess: it is on lists of common ones."
	case isMadeOf(folded, append(words, "keylodge")):
		return "This password is too easy to guess: it is made of the workspace’s, the product’s or your own name."
	}
	return ""
}

// repeatsItself reports whether s is a shorter text repeated.
func repeatsItself(s string) bool { return strings.Contains((s + s)[1:len(s)*2-1], s) }

// minRest is how many characters a password must have besides the words.
const minRest = 8

// isMadeOf reports whether a folded password is too short without the words.
func isMadeOf(folded string, words []string) bool {
	isSeparator := func(r rune) bool { return strings.ContainsRune(" @.-_", r) }
	for _, w := range words {
		for part := range strings.FieldsFuncSeq(strings.ToLower(w), isSeparator) {
			if len(part) > 2 {
				folded = strings.ReplaceAll(folded, part, "")
			}
		}
	}
	return utf8.RuneCountInString(folded) < minRest
}
