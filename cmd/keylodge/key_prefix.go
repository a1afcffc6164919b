package main

import "github.com/keylodge/keylodge/internal/secret"

// keyPrefix is the flag that says how new secrets begin.
type keyPrefix struct {
	KeyPrefix string `default:"kl" placeholder:"PREFIX" help:"${help_key_prefix}"`
}

func (k keyPrefix) checkPrefix() error {
	if !secret.ValidPrefix(k.KeyPrefix) {
		return errUsage{"--key-prefix takes 1 to 16 of a–z, 0–9 and inner '_', beginning with a letter"}
	}
	return nil
}
