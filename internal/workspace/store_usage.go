package workspace

import (
	"context"
	"time"
)

// UsageReader reads how keys are used.
type UsageReader interface {
	// KeySources returns where a key was used recently, the newest first.
	KeySources(ctx context.Context, keyID string) ([]KeySource, error)
	// UsedSince counts the keys among ids that were used at or after a time.
	UsedSince(ctx context.Context, workspaceID string, ids []string, since time.Time) (int, error)
	// Usage returns the counts of a key, or those of all keys of a workspace
	// together, in the order of hours.
	Usage(ctx context.Context, f UsageFilter) ([]HourCount, error)
}

// UsageFilter names a key or a workspace, and the hour from which on its usage
// is counted.
type UsageFilter struct {
	KeyID       string
	WorkspaceID string // all keys together; the counts have no KeyID
	From        time.Time
}
