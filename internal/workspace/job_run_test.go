package workspace_test

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

func TestBulkJobPausesAndResumes(t *testing.T) {
	o := officeOn(t, filepath.Join(t.TempDir(), "keylodge.db"))
	j := o.startRevoking(o.dana, o.addKeys(o.dana, 600)...)
	stop := runJobs(t, o.Service)
	o.begun(j)
	stop()
	paused := o.job(j)
	state, revoked := paused.State(o.Now()), o.revoked(o.acme.ID)
	if paused.Done == paused.Total || state != workspace.JobWaiting || paused.Done != revoked {
		t.Errorf("paused after %d of %d keys, %d of them revoked, %s", paused.Done, paused.Total, revoked, state)
	}
	another := workspace.NewService(o.db, workspace.Config{})
	defer runJobs(t, another)()
	another.AwaitJob(t.Context(), j.WorkspaceID, j.ID, jobPatience)
	if done := o.job(j); done.Changed != 600 || done.Outcome != workspace.JobDone || done.ResumedAt.IsZero() {
		t.Errorf("ended as %+v", done)
	}
	if n := o.revoked(o.acme.ID); n != 600 {
		t.Errorf("%d keys are revoked", n)
	}
}

// Nodes take turns, or one does it all, but none does what another has done.
func TestTwoNodesRunEachJobOnce(t *testing.T) {
	bothEngines(t, func(t *testing.T, dsn string) {
		o := officeOn(t, dsn)
		ids := o.addKeys(o.dana, 300)
		var jobs []workspace.Job
		for i := range 3 {
			jobs = append(jobs, o.startRevoking(o.dana, ids[100*i:100*(i+1)]...))
		}
		sam := o.hire("sam@acme.example", workspace.RoleDeveloper)
		o.addKeys(sam, 150)
		_, settle, err := o.RemoveMember(t.Context(), o.dana, sam.UserID, "")
		if err != nil {
			t.Fatal(err)
		}
		second, err := store.Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer second.Close()
		defer runJobs(t, o.Service)()
		defer runJobs(t, workspace.NewService(second, workspace.Config{}))()
		for _, j := range append(jobs, settle) {
			for o.job(j).EndedAt.IsZero() {
				o.AwaitJob(t.Context(), j.WorkspaceID, j.ID, 50*time.Millisecond) // the other node may end it
			}
			if j := o.job(j); j.Outcome != workspace.JobDone || j.Changed != j.Total {
				t.Errorf("%s ended as %s, %d of %d keys", j.Kind, j.Outcome, j.Changed, j.Total)
			}
		}
		if n := o.revoked(o.acme.ID); n != 450 {
			t.Errorf("%d keys are revoked", n)
		}
	})
}

// A workspace's 3 keys do not wait for another's hundreds.
func TestJobsAreFairBetweenWorkspaces(t *testing.T) {
	o := officeOn(t, filepath.Join(t.TempDir(), "keylodge.db"))
	ben := o.beta()
	long := o.startRevoking(o.dana, o.addKeys(o.dana, 600)...)
	short := o.startRevoking(ben, o.addKeys(ben, 3)...)
	defer runJobs(t, o.Service)()
	o.AwaitJob(t.Context(), ben.WorkspaceID, short.ID, jobPatience)
	o.AwaitJob(t.Context(), o.acme.ID, long.ID, jobPatience)
	long, short = o.job(long), o.job(short)
	if !short.EndedAt.Before(long.EndedAt) || long.Changed != 600 || short.Changed != 3 {
		t.Errorf("the short job ended at %v, and the long one at %v", short.EndedAt, long.EndedAt)
	}
}

// A step that panics ends its job, and no other.
func TestBulkJobThatPanics(t *testing.T) {
	o := newOffice(t)
	var armed atomic.Bool
	s := workspace.NewService(o.db, workspace.Config{Now: func() time.Time {
		var stack [1 << 14]byte
		frames := string(stack[:runtime.Stack(stack[:], false)])
		if strings.Contains(frames, "alterKey") && armed.CompareAndSwap(true, false) {
			panic("a fault")
		}
		return o.clock
	}})
	first, second := o.addKey(o.dana), o.addKey(o.dana)
	bad := o.startRevoking(o.dana, first.ID)
	o.clock = o.clock.Add(time.Second)
	good := o.startRevoking(o.dana, second.ID)
	armed.Store(true)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	var faults []error
	running.Go(func() { s.RunJobs(ctx, func(_ workspace.Job, err error) { faults = append(faults, err) }) })
	s.AwaitJob(t.Context(), o.acme.ID, good.ID, jobPatience)
	cancel()
	running.Wait()
	if len(faults) != 1 || !strings.Contains(faults[0].Error(), "a fault") ||
		!strings.Contains(faults[0].Error(), "key_change.go") {
		t.Errorf("reported %v", errors.Join(faults...))
	}
	if j := o.job(bad); j.Outcome != workspace.JobFailed || j.Changed != 0 || !o.works(first.ID) {
		t.Errorf("the job that panicked ended as %+v", j)
	}
	if j := o.job(good); j.Outcome != workspace.JobDone || o.works(second.ID) {
		t.Errorf("the other job ended as %+v", j)
	}
}
