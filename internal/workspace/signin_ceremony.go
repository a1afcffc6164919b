package workspace

import (
	"context"
	"slices"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// ceremonyLifetime is how long the second half of something may take.
const ceremonyLifetime = 5 * time.Minute

var errCeremonyOver = &Error{Kind: Gone,
	Message: "This has taken too long, or was done already. Go back and start again."}

// BeginCeremony keeps data for the second half of something that a browser and
// another party do together, and returns the token by which it is found again.
// userID is whose it is, or "".
func (s *Service) BeginCeremony(ctx context.Context, p Purpose, userID, data string) (token string, err error) {
	token, now := secret.NewToken(), s.clock()
	return token, s.sweep(ctx, func(tx Tx) error {
		return tx.InsertOneTimeToken(ctx, OneTimeToken{
			Digest: secret.DigestOf(token), Purpose: p, UserID: userID, CreatedAt: now,
			ExpiresAt: now.Add(ceremonyLifetime), Data: data,
		})
	})
}

// EndCeremony uses a token up and returns what [Service.BeginCeremony] has kept
// for one of some people. Of two callers at once only one gets it; what can't
// be had is an [Error] of kind Gone.
func (s *Service) EndCeremony(ctx context.Context, p Purpose, token string, userIDs ...string) (data string,
	err error) {
	err = s.sweep(ctx, func(tx Tx) error {
		t, err := tx.UseOneTimeToken(ctx, p, secret.DigestOf(token))
		if err == nil && (!slices.Contains(userIDs, t.UserID) || !s.clock().Before(t.ExpiresAt)) {
			err = errCeremonyOver
		}
		data = t.Data
		return whenNotFound(err, errCeremonyOver)
	})
	return data, err
}
