package main

import (
	"fmt"

	"github.com/keylodge/keylodge/internal/secret"
)

type patternsCommand struct{ keyPrefix }

// patterns is what scanners need to find secrets: %[1]s is the prefix, %[2]s
// the regular expression, %[3]s a secret to test with.
//
// gitleaks: the rules of https://github.com/gitleaks/gitleaks#configuration.
// GitHub: the fields of the form for a custom pattern, see "Defining custom
// patterns for secret scanning" on docs.github.com. The text before and after
// is what the form proposes.
const patterns = `Regular expression:

%[2]s

gitleaks (.gitleaks.toml):

[extend]
useDefault = true

[[rules]]
id = "keylodge-%[1]s-key"
description = "API key of Keylodge (%[1]s_…)"
regex = '''\b%[2]s\b'''
entropy = 3
keywords = ["%[1]s_"]

GitHub custom pattern:

Pattern name:   Keylodge API key (%[1]s_)
Secret format:  %[2]s
Before secret:  \A|[^0-9A-Za-z]
After secret:   \z|[^0-9A-Za-z]
Test string:    %[3]s
`

// Run prints how to find secrets with a prefix. The secret to test with belongs
// to no key.
func (c patternsCommand) Run(std streams) error {
	if err := c.checkPrefix(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(std.out, patterns, c.KeyPrefix, secret.Pattern(c.KeyPrefix), secret.New(c.KeyPrefix).Reveal())
	return err
}
