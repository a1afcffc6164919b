package workspace

import (
	"context"
)

// JobReader reads bulk jobs and removals.
type JobReader interface {
	Job(ctx context.Context, workspaceID, id string) (Job, error)
	// DueJobs returns the oldest job of each workspace of those that a claim
	// could take, up to 1,000.
	DueJobs(ctx context.Context, c JobClaim) ([]Job, error)
}

// JobTx changes bulk jobs and removals in a write transaction.
type JobTx interface {
	// InsertJob stores a new job and the keys that it works on, in pieces. It
	// returns an [Error] of kind Conflict for a bulk job when MaxBulkJobs of
	// the workspace have not ended, even when two are added at once.
	InsertJob(ctx context.Context, j Job, pieces [][]string) error
	// ClaimJob takes a job for a node. It returns [ErrNotFound] when the job
	// has ended, is not to be tried yet, or is another node's.
	ClaimJob(ctx context.Context, id string, c JobClaim) (Job, error)
	// JobKeys returns a piece of the keys that a bulk job has yet to look at,
	// and [ErrNotFound] when there is none.
	JobKeys(ctx context.Context, jobID string) (JobKeys, error)
	// AdvanceJob keeps how far a job has got, and what is left of a piece. The
	// zero piece is none. A job that has ended loses its pieces.
	AdvanceJob(ctx context.Context, j Job, left JobKeys) error
	// SortKeys sorts up to limit keys that are sorted by s.Before, by the
	// present name or email of their owner, and returns how many it sorted.
	SortKeys(ctx context.Context, s KeySorting, limit int) (int, error)
	// ReleaseJobs ends the claims of a node.
	ReleaseJobs(ctx context.Context, node string) error
}
