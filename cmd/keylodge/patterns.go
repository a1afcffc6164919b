package main

import (
	"fmt"

	"github.com/keylodge/keylodge/internal/secret"
)

type patternsCommand struct{ keyPrefix }

// patterns are the ways in which scanners want to be told what keys look like.
// %[1]s is the prefix, %[2]s the regular expression.
//
// gitleaks: the rules of https://github.com/gitleaks/gitleaks#configuration.
// GitHub: the form of a custom pattern, whose text before and after is that
// which the form offers
// (https://docs.github.com/code-security/secret-scanning/using-advanced-secret-scanning-and-push-protection-features/custom-patterns).
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

// Run prints how to find keys with the installation's prefix. The key for
// trying it out was never one.
func (c patternsCommand) Run(io streams) error {
	if err := c.check(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(io.out, patterns, c.KeyPrefix, secret.Pattern(c.KeyPrefix), secret.New(c.KeyPrefix).Reveal())
	return err
}
