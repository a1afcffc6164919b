package workspace

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

const (
	// A step of a job handles at most maxStepKeys keys, and starts no more
	// after stepTime. That bounds how long other writers wait, and how many
	// changes one verification has to read.
	maxStepKeys = 100
	stepTime    = 20 * time.Millisecond

	// After each step the runner rests for this share of the time that the step
	// took, to leave the processor to verifications.
	jobRest = 0.75

	// claimTime is how long the job of a node that died waits for another node.
	claimTime = 10 * time.Second

	// jobPoll is how often a node looks for jobs that other nodes added or
	// left.
	jobPoll = time.Second

	// stepLimit ends a step when the database does not answer.
	stepLimit = 10 * time.Second

	// maxAttempts is how often a step of a bulk job is tried. Jobs that settle
	// the keys of a removed member are tried until they are done.
	maxAttempts = 5
	maxJobDelay = time.Hour
)

// RunJobs runs the jobs of all workspaces until ctx ends, and then finishes the
// present step. Workspaces take turns, step by step. Any number of nodes may
// run jobs at once. failed is called for each step that failed, and with the
// zero Job when the jobs can't be read.
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

// jobRunner runs the jobs of one node.
type jobRunner struct {
	*Service
	node   string
	failed func(Job, error)
}

func (r jobRunner) claim() JobClaim {
	now := r.clock()
	return JobClaim{Node: r.node, Now: now, Until: now.Add(claimTime)}
}

// round takes a step of the oldest job of each workspace, and reports whether
// it took any.
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

// errJobTaken means that another node works on a job, or that it has ended.
var errJobTaken = errors.New("another node works on the job")

// errJobNotAllowed means that the actor who started a job may no longer do it.
var errJobNotAllowed = errors.New("the actor who started the job may no longer do this")

// try takes a step of a job and records a failure. It reports whether the job
// made progress.
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

// step takes a step of a job in one transaction, and returns the job after it.
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
	if err == nil && !changed { // the transaction above was undone
		err = r.sweep(ctx, func(tx Tx) error {
			if _, err := r.take(ctx, tx, j.ID); err != nil {
				return err
			}
			return tx.AdvanceJob(ctx, after, left)
		})
	}
	return after, err
}

// take claims a job for this node, at least to the end of the transaction.
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

// postpone records that a step failed, and when to try again.
func (r jobRunner) postpone(ctx context.Context, j Job, cause error) (Job, error) {
	j.Attempts++
	_, panicked := errors.AsType[*jobPanic](cause)
	if j.Kind == JobBulk && (panicked || j.Attempts >= maxAttempts) {
		j.end(JobFailed, r.clock())
	}
	j.NextAt = r.clock().Add(min(maxJobDelay, time.Second<<min(j.Attempts, 12)))
	return j, r.put(ctx, j)
}

// put stores a job that this node works on.
func (r jobRunner) put(ctx context.Context, j Job) error {
	return r.sweep(ctx, func(tx Tx) error {
		if _, err := r.take(ctx, tx, j.ID); err != nil {
			return err
		}
		return tx.AdvanceJob(ctx, j, JobKeys{})
	})
}

// release lets other nodes take over this node's jobs at once.
func (r jobRunner) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stepLimit)
	defer cancel()
	if err := r.sweep(ctx, func(tx Tx) error { return tx.ReleaseJobs(ctx, r.node) }); err != nil {
		r.failed(Job{}, err)
	}
}
