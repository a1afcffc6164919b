package workspace

import (
	"context"
	"time"
)

// Job is work that is too much for one transaction. It is done in steps, by one
// node at a time, and resumed after a restart.
type Job struct {
	ID          string
	WorkspaceID string
	Kind        JobKind
	Bulk        BulkAction // of JobBulk
	Reason      Reason     // of BulkRevoke
	ExpiresAt   time.Time  // of BulkExpire; zero: never
	MemberID    string     // of JobSettleKeys: the member who was removed; of JobSortKeys: the owner
	OwnerName   string     // of JobSortKeys: the name or email that the keys are still sorted by

	// Actor is who started the job, as they were then, without the user agent.
	Actor Actor

	Total   int // keys
	Done    int // keys that were handled
	Changed int
	Failed  int // keys that could not be changed

	CreatedAt time.Time
	SeenAt    time.Time // of the last step
	ResumedAt time.Time // when another process took it over; zero: never
	EndedAt   time.Time // zero: not yet
	Outcome   JobOutcome

	ClaimedBy    string
	ClaimedUntil time.Time // zero: no node works on it
	Attempts     int       // that failed since the last step
	NextAt       time.Time // when to try again; zero: at once
}

// JobKind says what a job does.
type JobKind string

// The kinds of job.
const (
	JobBulk       JobKind = "bulk"        // a bulk action
	JobSettleKeys JobKind = "settle_keys" // revokes or hands over the keys of a removed member
	JobSortKeys   JobKind = "sort_keys"   // sorts the keys of a renamed owner by the new name
)

// JobOutcome says how a job ended.
type JobOutcome string

// The outcomes of a job. The zero JobOutcome is that of one that has not ended.
const (
	JobDone       JobOutcome = "done"
	JobNotAllowed JobOutcome = "not_allowed" // the actor may no longer do this
	JobFailed     JobOutcome = "failed"      // because of a fault of Keylodge
)

// JobState is the state of a job as a page shows it.
type JobState string

// The states of a job.
const (
	JobWaiting JobState = "waiting" // no node works on it
	JobRunning JobState = "running"
	JobEnded   JobState = "ended"
)

// State returns the state of the job at now.
func (j Job) State(now time.Time) JobState {
	switch {
	case !j.EndedAt.IsZero():
		return JobEnded
	case now.Before(j.ClaimedUntil):
		return JobRunning
	}
	return JobWaiting
}

// end records how the job ended.
func (j *Job) end(outcome JobOutcome, at time.Time) {
	j.Outcome, j.EndedAt, j.SeenAt = outcome, at, at
}

// JobClaim says which node works on a job, and until when.
type JobClaim struct {
	Node  string
	Now   time.Time
	Until time.Time
}

// JobKeys is a piece of the keys that a bulk job has not handled yet.
type JobKeys struct {
	Piece int
	IDs   []string // empty: the piece is done
}

// newJob returns a job of the actor's that has not begun.
func (s *Service) newJob(actor Actor, kind JobKind) Job {
	now := s.clock()
	return Job{
		ID: newID(jobIDPrefix, now), WorkspaceID: actor.WorkspaceID, Kind: kind, Actor: actor, CreatedAt: now,
		SeenAt: now,
	}
}

// Job returns a job that the actor started, or [ErrNotFound].
func (s *Service) Job(ctx context.Context, actor Actor, id string) (Job, error) {
	j, err := s.store.Job(ctx, actor.WorkspaceID, id)
	if err == nil && (j.Actor.Kind != actor.Kind || j.Actor.UserID != actor.UserID) {
		return Job{}, ErrNotFound
	}
	return j, err
}

// jobMemory is how long a job that has ended is kept.
const jobMemory = 24 * time.Hour
