package workspace

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"
)

// NewToken returns 32 random bytes as 43 characters of URL-safe text: a session's cookie, a one-time link,
// a form's nonce. Only its [TokenDigest] is stored.
func NewToken() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// TokenDigest returns the SHA-256 of a token's text.
func TokenDigest(token string) Digest { return digestOf(token) }

// Purpose says what a one-time token is good for.
type Purpose string

// The purposes of one-time tokens.
const (
	PurposeSetup         Purpose = "setup"          // makes the first workspace
	PurposePasswordReset Purpose = "password_reset" // sets one person's password
	PurposeSignIn        Purpose = "sign_in"        // goes on with a sign-in that wants a code
	PurposeEmail         Purpose = "email"          // confirms the address in its data
	PurposeProvider      Purpose = "provider"       // holds what a provider’s answer must match
	PurposeNewPasskey    Purpose = "new_passkey"    // holds the challenge for a new passkey
	PurposePasskey       Purpose = "passkey"        // holds the challenge for a passkey
)

// OneTimeToken is a link that works once. Its text is nowhere; Digest is the SHA-256 of it.
type OneTimeToken struct {
	Digest    Digest
	Purpose   Purpose
	UserID    string // empty for setup
	CreatedAt time.Time
	ExpiresAt time.Time // zero: when the first workspace exists
	Data      string    // what the second half of a ceremony must find again
}

// ResetLinkLifetime is how long a link that sets a password works.
const ResetLinkLifetime = 24 * time.Hour

// putToken makes a one-time token of a person's, in place of any that they have for the purpose, and returns its text.
func (s *Service) putToken(ctx context.Context, tx Tx, p Purpose, userID string, lifetime time.Duration, data string) (string, error) {
	if err := tx.DeleteOneTimeTokens(ctx, p, userID); err != nil {
		return "", err
	}
	token, now := NewToken(), s.clock()
	return token, tx.InsertOneTimeToken(ctx, OneTimeToken{
		Digest: TokenDigest(token), Purpose: p, UserID: userID, CreatedAt: now, ExpiresAt: now.Add(lifetime), Data: data,
	})
}

// liveToken returns the one-time token with a text, and dead when there is none or it has expired.
func (s *Service) liveToken(ctx context.Context, p Purpose, token string, dead error) (OneTimeToken, error) {
	t, err := s.store.OneTimeToken(ctx, p, TokenDigest(token))
	if err == nil && !s.clock().Before(t.ExpiresAt) {
		err = dead
	}
	return t, whenNotFound(err, dead)
}
