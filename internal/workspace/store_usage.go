package workspace

import (
	"context"
	"time"
)

// UsageReader reads how keys are used.
type UsageReader interface {
	// KeySources returns from where a key is used of late, the newest first.
	KeySources(ctx context.Context, keyID string) ([]KeySource, error)
	// UsedSince counts those of some keys whose last use is not before a
	// moment.
	UsedSince(ctx context.Context, workspaceID string, ids []string, since time.Time) (int, error)
	// WorkspaceUsage returns the counts of all keys of a workspace together,
	// without KeyID, from an hour on, in the order of hours.
	WorkspaceUsage(ctx context.Context, workspaceID string, from time.Time) ([]HourCount, error)
	// KeyUsage returns the counts of a key from an hour on, in the order of
	// hours.
	KeyUsage(ctx context.Context, keyID string, from time.Time) ([]HourCount, error)
}
