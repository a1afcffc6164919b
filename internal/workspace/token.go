package workspace

import (
	"context"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// Purpose says what a one-time token is good for.
type Purpose string

// The purposes of one-time tokens.
const (
	PurposeSetup         Purpose = "setup"          // makes the first workspace
	PurposePasswordReset Purpose = "password_reset" // sets one person's password
	PurposeSignIn        Purpose = "sign_in"        // goes on with a sign-in that wants a code
	PurposeEmail         Purpose = "email"          // confirms the email in its data
	PurposeCancelEmail   Purpose = "cancel_email"   // cancels a change to the email in its data
	PurposeInvitation    Purpose = "invitation"     // joins a workspace, by the invitation whose id is in its data
	PurposeProvider      Purpose = "provider"       // holds what a provider’s answer must match
	PurposeNewPasskey    Purpose = "new_passkey"    // holds the challenge for a new passkey
	PurposePasskey       Purpose = "passkey"        // holds the challenge for a passkey
)

// OneTimeToken is a link that works once. Its text is nowhere; Digest is the
// SHA-256 of it.
type OneTimeToken struct {
	Digest    secret.Digest
	Purpose   Purpose
	UserID    string // empty for setup
	CreatedAt time.Time
	ExpiresAt time.Time // zero: when the first workspace exists
	Data      string    // what the second half of a ceremony must find again

	CredentialVersion int64 // of the person, for PurposeSignIn
}

// ResetLinkLifetime is how long a link that sets a password works.
const ResetLinkLifetime = 24 * time.Hour

// putToken completes t and keeps it in place of any other that its person has
// for its purpose, and returns its text.
func (s *Service) putToken(ctx context.Context, tx Tx, t OneTimeToken, lifetime time.Duration) (string, error) {
	if err := tx.DeleteOneTimeTokens(ctx, OneTimeTokenFilter{Purpose: t.Purpose, UserID: t.UserID}); err != nil {
		return "", err
	}
	token, now := secret.NewToken(), s.clock()
	t.Digest, t.CreatedAt, t.ExpiresAt = secret.DigestOf(token), now, now.Add(lifetime)
	return token, tx.InsertOneTimeToken(ctx, t)
}

// liveToken returns the one-time token with a text, and dead when there is none
// or it has expired.
func (s *Service) liveToken(ctx context.Context, p Purpose, token string, dead error) (OneTimeToken, error) {
	t, err := s.store.OneTimeToken(ctx, p, secret.DigestOf(token))
	if err == nil && !s.clock().Before(t.ExpiresAt) {
		err = dead
	}
	return t, whenNotFound(err, dead)
}
