package oidc

import (
	"context"
	"slices"
	"time"

	coreos "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// algorithms are those that an ID token may be signed with. For all of them
// only the provider has the signing key.
var algorithms = []string{coreos.RS256, coreos.ES256, coreos.PS256, coreos.EdDSA}

func isAccepted(algorithm string) bool { return slices.Contains(algorithms, algorithm) }

const (
	clockLeeway = 2 * time.Minute // by which a provider's clock may be ahead
	maxSubject  = 255             // bytes, OpenID Connect Core 1.0 section 2
)

// verify returns the claims of an ID token after all checks of OpenID Connect
// Core 1.0 section 3.1.3.7.
//
// The library checks the signature, the times and the hash of the access token.
// [demandsOnClaims] checks the rest by the exact names of the claims: the
// library ignores case, so that a claim "Sub" could replace "sub", and accepts
// a second issuer name for one provider.
func (c *Client) verify(ctx context.Context, k *known, p Provider, pending Pending, token *oauth2.Token) (claims,
	error) {
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return nil, untrusted("token endpoint: no ID token")
	}
	keys := &watchedKeys{KeySet: k.keys}
	idToken, err := coreos.NewVerifier(p.Issuer, keys, &coreos.Config{
		SupportedSigningAlgs: algorithms, SkipIssuerCheck: true, SkipClientIDCheck: true, Now: c.now,
	}).Verify(ctx, raw)
	if isUnreachable(keys.err) {
		return nil, askingError("keys", keys.err)
	}
	if err != nil {
		return nil, untrusted("ID token: expired, or not signed as it must be")
	}
	if idToken.AccessTokenHash != "" && idToken.VerifyAccessToken(token.AccessToken) != nil {
		return nil, untrusted("ID token: belongs to another access token")
	}
	var told claims
	if err := idToken.Claims(&told); err != nil {
		return nil, untrusted("ID token: no claims")
	}
	for _, demand := range demandsOnClaims {
		if !demand.met(told, p, pending, c.now()) {
			return nil, untrusted("ID token: " + demand.otherwise)
		}
	}
	return told, nil
}

// demandsOnClaims are what the claims of an ID token must be, and the log's
// text for one that is not.
var demandsOnClaims = []struct {
	met       func(told claims, p Provider, pending Pending, now time.Time) bool
	otherwise string
}{
	{func(told claims, p Provider, _ Pending, _ time.Time) bool { return told.text("iss") == p.Issuer },
		"another issuer"},
	{func(told claims, p Provider, _ Pending, _ time.Time) bool { return told.isFor(p.ClientID) },
		"for another client"},
	{func(told claims, _ Provider, pending Pending, _ time.Time) bool {
		return same(told.text("nonce"), pending.Nonce)
	}, "of another sign-in"},
	{func(told claims, _ Provider, _ Pending, now time.Time) bool { return now.Before(told.time("exp")) }, "expired"},
	{func(told claims, _ Provider, _ Pending, now time.Time) bool {
		issued := told.time("iat")
		return !issued.IsZero() && !issued.After(now.Add(clockLeeway))
	}, "not issued yet"},
	{func(told claims, _ Provider, _ Pending, _ time.Time) bool {
		return told.text("sub") != "" && len(told.text("sub")) <= maxSubject
	}, "no subject, or one that is too long"},
}

// watchedKeys remembers why a signature was not verified, which the library
// returns as text only.
type watchedKeys struct {
	coreos.KeySet
	err error
}

// VerifySignature returns the payload if a key of the provider signed it.
func (k *watchedKeys) VerifySignature(ctx context.Context, jwt string) (payload []byte, err error) {
	payload, k.err = k.KeySet.VerifySignature(ctx, jwt)
	return payload, k.err
}
