package workspace

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

const (
	// A step of a job looks at no more keys than maxStepKeys, and begins none
	// after stepTime: other writers wait for no longer, and one verification
	// learns of as many changes.
	maxStepKeys = 100
	stepTime    = 20 * time.Millisecond

	// After each step the runner rests for this share of the time that it
	// took: verifications want the processor too.
	jobRest = 0.75

	// claimTime is how long a job of a node that died waits for another.
	claimTime = 10 * time.Second

	// jobPoll is how often a node looks for jobs that other processes left.
	jobPoll = time.Second

	// stepLimit ends a step whose database has gone away.
	stepLimit = 10 * time.Second

	// maxAttempts is how often a step of a bulk job is tried. What settles the
	// keys of a removed member is tried until it is done.
	maxAttempts = 5
	maxJobDelay = time.Hour
)

// RunJobs runs the jobs of all workspaces until ctx ends, a step of one
// workspace's after a step of another's, and then finishes the step that it is
// at. Any number of nodes may run jobs at once. failed is told of steps that
// failed by a fault.
func (s *Service) RunJobs(ctx context.Context, failed func(Job, error)) {
	r := jobRunner{Service: s, node: newID(nodeIDPrefix, s.clock()), failed: failed}
	defer r.release(ctx)
	for ctx.Err() == nil {
		if r.round(ctx) {
			continue
		}
		select {
		case <-s.jobs.wake:
		case <-time.After(jobPoll):
		case <-ctx.Done():
		}
	}
}

// jobRunner is what one node runs jobs with.
type jobRunner struct {
	*Service
	node   string
	failed func(Job, error)
}

func (r jobRunner) claim() JobClaim {
	now := r.clock()
	return JobClaim{Node: r.node, Now: now, Until: now.Add(claimTime)}
}

// round takes a step of the oldest job of each workspace that has one. It
// returns whether it took any.
func (r jobRunner) round(ctx context.Context) (worked bool) {
	due, err := r.store.DueJobs(ctx, r.claim())
	if err != nil {
		if ctx.Err() == nil {
			r.failed(Job{}, err)
		}
		return false
	}
	for _, j := range due {
		if ctx.Err() != nil {
			return worked
		}
		began := time.Now()
		if r.try(ctx, j) {
			worked = true
		}
		select {
		case <-time.After(time.Duration(jobRest * float64(time.Since(began)))):
		case <-ctx.Done():
		}
	}
	return worked
}

// errJobTaken says that another node works on a job, or that it has ended.
var errJobTaken = errors.New("another node works on the job")

// errJobNotAllowed says that the actor who started a job may no longer do it.
var errJobNotAllowed = errors.New("the actor who started the job may no longer do this")

// try takes a step of a job, and notes when that fails. It returns whether the
// job got further.
func (r jobRunner) try(ctx context.Context, j Job) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stepLimit)
	defer cancel()
	after, err := r.step(ctx, j)
	switch {
	case errors.Is(err, errJobTaken):
		return false
	case errors.Is(err, errJobNotAllowed):
		after.end(JobNotAllowed, r.clock())
		err = r.put(ctx, after)
	case err != nil:
		r.failed(j, err)
		if KindOf(err) == Unavailable { // it can't be noted either
			return false
		}
		after, err = r.postpone(ctx, j, err)
	}
	if err != nil {
		r.failed(j, err)
		return false
	}
	if !after.EndedAt.IsZero() {
		r.jobs.end(j.ID)
	}
	return true
}

// jobPanic is a panic of a step.
type jobPanic struct {
	value any
	stack []byte
}

// Error implements error.
func (p *jobPanic) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

// step takes a step of a job in one transaction, and returns the job as it then
// is.
func (r jobRunner) step(ctx context.Context, j Job) (after Job, err error) {
	after = j
	defer func() {
		if v := recover(); v != nil {
			err = &jobPanic{v, debug.Stack()}
		}
	}()
	if j.Kind == JobSortKeys {
		return r.sortStep(ctx, j)
	}
	var left JobKeys
	changed := false
	err = r.actOnKeys(ctx, j.Actor, noPermission, func(tx ChangeTx, a *act) (err error) {
		if after, err = r.take(ctx, tx, j.ID); err != nil {
			return err
		}
		if after, left, err = r.work(ctx, tx, a, after); err != nil {
			return err
		}
		if changed = len(a.events) > 0; !changed {
			return ErrNothingChanged
		}
		return tx.AdvanceJob(ctx, after, left)
	})
	if err == nil && !changed { // so that nothing is undone with it
		err = r.sweep(ctx, func(tx Tx) error {
			if _, err := r.take(ctx, tx, j.ID); err != nil {
				return err
			}
			return tx.AdvanceJob(ctx, after, left)
		})
	}
	return after, err
}

// take claims a job for this node, to the end of the transaction at least.
func (r jobRunner) take(ctx context.Context, tx Tx, id string) (Job, error) {
	j, err := tx.ClaimJob(ctx, id, r.claim())
	if KindOf(err) == NotFound {
		err = errJobTaken
	}
	return j, err
}

// work does what one step of a job has to do, and returns what is left of its
// piece.
func (r jobRunner) work(ctx context.Context, tx ChangeTx, a *act, j Job) (Job, JobKeys, error) {
	if _, err := tx.Workspace(ctx, WorkspaceLookup{ID: j.WorkspaceID}); err != nil { // it has been deleted
		return j, JobKeys{}, whenNotFound(err, errJobNotAllowed)
	}
	j.Attempts, j.NextAt = 0, time.Time{}
	var left JobKeys
	var err error
	if j.Kind == JobSettleKeys {
		j, err = r.settleStep(ctx, tx, a, j)
	} else {
		j, left, err = r.bulkStep(ctx, tx, a, j)
	}
	return j, left, err
}

// postpone notes that a step failed.
func (r jobRunner) postpone(ctx context.Context, j Job, cause error) (Job, error) {
	j.Attempts++
	_, panicked := errors.AsType[*jobPanic](cause)
	if j.Kind == JobBulk && (panicked || j.Attempts >= maxAttempts) {
		j.end(JobFailed, r.clock())
	}
	j.NextAt = r.clock().Add(min(maxJobDelay, time.Second<<min(j.Attempts, 12)))
	return j, r.put(ctx, j)
}

// put keeps a job that this node works on.
func (r jobRunner) put(ctx context.Context, j Job) error {
	return r.sweep(ctx, func(tx Tx) error {
		if _, err := r.take(ctx, tx, j.ID); err != nil {
			return err
		}
		return tx.AdvanceJob(ctx, j, JobKeys{})
	})
}

// release lets other nodes take up this one's jobs at once.
func (r jobRunner) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stepLimit)
	defer cancel()
	if err := r.sweep(ctx, func(tx Tx) error { return tx.ReleaseJobs(ctx, r.node) }); err != nil {
		r.failed(Job{}, err)
	}
}
