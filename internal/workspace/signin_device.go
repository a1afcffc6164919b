package workspace

import (
	"context"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// KnownDeviceLifetime is how long a browser is remembered as one that a user
// has signed in from: as long as browsers keep a cookie (RFC 6265bis section
// 5.6.2).
const KnownDeviceLifetime = 400 * 24 * time.Hour

// KnownDevice is a browser that a person has signed in from.
type KnownDevice struct {
	UserID    string
	Digest    secret.Digest // of the token in the browser's cookie
	CreatedAt time.Time
}

func (s *Service) knownDevice(ctx context.Context, r Reader, userID, token string) (bool, error) {
	if token == "" {
		return false, nil
	}
	return r.KnownDevice(ctx, userID, secret.DigestOf(token))
}
