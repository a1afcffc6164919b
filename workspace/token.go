package workspace

import (
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
)

// OneTimeToken is a link that works once. Its text is nowhere; Digest is the SHA-256 of it.
type OneTimeToken struct {
	Digest    Digest
	Purpose   Purpose
	UserID    string // empty for setup
	CreatedAt time.Time
	ExpiresAt time.Time // zero: when the first workspace exists
}

// ResetLinkLifetime is how long a link that sets a password works.
const ResetLinkLifetime = 24 * time.Hour
