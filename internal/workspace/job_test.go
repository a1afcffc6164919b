package workspace_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/postgrestest"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

const jobPatience = time.Minute

// runJobs runs jobs until stop is called.
func runJobs(t *testing.T, s *workspace.Service) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		s.RunJobs(ctx, func(j workspace.Job, err error) { t.Errorf("job %s: %v", j.ID, err) })
	})
	return func() {
		cancel()
		running.Wait()
	}
}

// runJob runs a job, and returns how it ended.
func (o *office) runJob(j workspace.Job) workspace.Job {
	o.Helper()
	defer runJobs(o.T, o.Service)()
	o.AwaitJob(o.Context(), j.WorkspaceID, j.ID, jobPatience)
	return o.job(j)
}

// job returns the present state of a job.
func (o *office) job(j workspace.Job) workspace.Job {
	o.Helper()
	j, err := o.db.Job(o.Context(), j.WorkspaceID, j.ID)
	if err != nil {
		o.Fatal(err)
	}
	return j
}

// begun returns when a step of a job is done.
func (o *office) begun(j workspace.Job) {
	o.Helper()
	for o.job(j).Done == 0 {
		runtime.Gosched()
	}
}

// addKeys adds keys as fast as can be, and returns their ids.
func (o *office) addKeys(owner workspace.Actor, n int) (ids []string) {
	o.Helper()
	err := o.db.Change(o.Context(), func(tx workspace.ChangeTx) error {
		for i := range n {
			key := workspace.NewSecret(workspace.DefaultKeyPrefix).Key(o.clock)
			key.WorkspaceID, key.OwnerID, key.CreatedBy, key.Name = owner.WorkspaceID, owner.UserID, owner.UserID, fmt.Sprint("Key ", i)
			ids = append(ids, key.ID)
			if err := tx.InsertKey(o.Context(), key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		o.Fatal(err)
	}
	return ids
}

// revoked counts the revocations of each key in the audit log, and reports keys
// that have more than one.
func (o *office) revoked(workspaceID string) int {
	o.Helper()
	seen := map[string]bool{}
	for after := ""; ; {
		events, err := o.db.Events(o.Context(), workspace.EventQuery{WorkspaceID: workspaceID, Action: workspace.KeyRevoked, After: after, Limit: 1000})
		if err != nil {
			o.Fatal(err)
		}
		for _, e := range events {
			if seen[e.TargetID] {
				o.Errorf("%s was revoked twice", e.TargetID)
			}
			seen[e.TargetID], after = true, e.ID
		}
		if len(events) < 1000 {
			return len(seen)
		}
	}
}

// officeOn makes an office on a database.
func officeOn(t *testing.T, dsn string) *office {
	db, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	o := &office{T: t, db: db, clock: time.Now().UTC().Truncate(time.Microsecond)}
	o.Service = workspace.NewService(db, workspace.Config{})
	var owner workspace.Member
	o.acme, owner, err = o.CreateWorkspace(t.Context(), workspace.NewWorkspace{
		Name: "Acme", Slug: "acme", OwnerName: "Dana Okafor", OwnerEmail: "dana@acme.example", OwnerPassword: password,
	})
	if err != nil {
		t.Fatal(err)
	}
	o.dana = o.person(owner)
	return o
}

// beta adds another workspace, and returns its owner.
func (o *office) beta() workspace.Actor {
	o.Helper()
	w, owner, err := o.CreateWorkspace(o.Context(), workspace.NewWorkspace{Name: "Beta", Slug: "beta", OwnerEmail: "ben@beta.example", OwnerPassword: password})
	if err != nil {
		o.Fatal(err)
	}
	ben := o.person(owner)
	ben.WorkspaceID = w.ID
	return ben
}

func (o *office) startRevoking(who workspace.Actor, ids ...string) workspace.Job {
	o.Helper()
	j, err := o.StartBulk(o.Context(), who, workspace.BulkRequest{Action: workspace.BulkRevoke, KeyIDs: ids})
	if err != nil {
		o.Fatal(err)
	}
	return j
}

func bothEngines(t *testing.T, test func(*testing.T, string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "keylodge.db")) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, postgrestest.URL(t)) })
}

func TestBulkJobPausesAndResumes(t *testing.T) {
	o := officeOn(t, filepath.Join(t.TempDir(), "keylodge.db"))
	j := o.startRevoking(o.dana, o.addKeys(o.dana, 1500)...)
	stop := runJobs(t, o.Service)
	o.begun(j)
	stop()
	paused := o.job(j)
	if paused.Done == paused.Total || paused.State(o.Now()) != workspace.JobWaiting || paused.Done != o.revoked(o.acme.ID) {
		t.Errorf("paused after %d of %d keys, %d of them revoked, %s", paused.Done, paused.Total, o.revoked(o.acme.ID), paused.State(o.Now()))
	}
	another := workspace.NewService(o.db, workspace.Config{})
	defer runJobs(t, another)()
	another.AwaitJob(t.Context(), j.WorkspaceID, j.ID, jobPatience)
	if done := o.job(j); done.Changed != 1500 || done.Outcome != workspace.JobDone || done.ResumedAt.IsZero() {
		t.Errorf("ended as %+v", done)
	}
	if n := o.revoked(o.acme.ID); n != 1500 {
		t.Errorf("%d keys are revoked", n)
	}
}

// Nodes take turns, or one does it all, but none does what another has done.
func TestTwoNodesRunEachJobOnce(t *testing.T) {
	bothEngines(t, func(t *testing.T, dsn string) {
		o := officeOn(t, dsn)
		ids := o.addKeys(o.dana, 600)
		var jobs []workspace.Job
		for i := range 3 {
			jobs = append(jobs, o.startRevoking(o.dana, ids[200*i:200*(i+1)]...))
		}
		sam := o.hire("sam@acme.example", workspace.Developer)
		o.addKeys(sam, 300)
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
				o.AwaitJob(t.Context(), j.WorkspaceID, j.ID, time.Second)
			}
			if j := o.job(j); j.Outcome != workspace.JobDone || j.Changed != j.Total {
				t.Errorf("%s ended as %s, %d of %d keys", j.Kind, j.Outcome, j.Changed, j.Total)
			}
		}
		if n := o.revoked(o.acme.ID); n != 900 {
			t.Errorf("%d keys are revoked", n)
		}
	})
}

// A workspace's 3 keys do not wait for another's thousands.
func TestJobsAreFairBetweenWorkspaces(t *testing.T) {
	o := officeOn(t, filepath.Join(t.TempDir(), "keylodge.db"))
	ben := o.beta()
	long := o.startRevoking(o.dana, o.addKeys(o.dana, 2000)...)
	short := o.startRevoking(ben, o.addKeys(ben, 3)...)
	defer runJobs(t, o.Service)()
	o.AwaitJob(t.Context(), ben.WorkspaceID, short.ID, jobPatience)
	o.AwaitJob(t.Context(), o.acme.ID, long.ID, jobPatience)
	if long, short := o.job(long), o.job(short); !short.EndedAt.Before(long.EndedAt) || long.Changed != 2000 || short.Changed != 3 {
		t.Errorf("the short job ended at %v, and the long one at %v", short.EndedAt, long.EndedAt)
	}
}

func TestBulkJobEndsWithTheRight(t *testing.T) {
	o := officeOn(t, filepath.Join(t.TempDir(), "keylodge.db"))
	mei := o.hire("mei@acme.example", workspace.Admin)
	j := o.startRevoking(mei, o.addKeys(o.dana, 1500)...)
	stop := runJobs(t, o.Service)
	o.begun(j)
	if _, err := o.ChangeMember(t.Context(), o.dana, mei.UserID, func(m *workspace.Member) { m.Role = workspace.Auditor }); err != nil {
		t.Fatal(err)
	}
	stop()
	if j = o.runJob(j); j.Outcome != workspace.JobNotAllowed || j.Done == 0 || j.Done >= 1500 || o.revoked(o.acme.ID) != j.Changed {
		t.Errorf("ended as %s after %d keys, %d of them revoked", j.Outcome, j.Done, o.revoked(o.acme.ID))
	}
}

// A step-up before a job is one for all of it, however long the job waits.
func TestBulkJobKeepsItsStepUp(t *testing.T) {
	o := newOffice(t)
	key := o.addKey(o.dana)
	o.stop(o.dana, key.ID, disabling)
	j, err := o.StartBulk(t.Context(), o.dana, workspace.BulkRequest{Action: workspace.BulkEnable, KeyIDs: []string{key.ID}})
	if err != nil {
		t.Fatal(err)
	}
	o.clock = o.clock.Add(time.Hour)
	if j = o.runJob(j); j.Changed != 1 || !o.works(key.ID) {
		t.Errorf("an hour later: %+v", j)
	}
	_, err = o.StartBulk(t.Context(), o.dana, workspace.BulkRequest{Action: workspace.BulkEnable, KeyIDs: []string{key.ID}})
	expectKind(t, "a job with an old proof", err, workspace.Unproven)
}

func TestBulkJobsOfAWorkspaceAreBounded(t *testing.T) {
	bothEngines(t, func(t *testing.T, dsn string) {
		o := officeOn(t, dsn)
		ben := o.beta()
		ids := o.addKeys(o.dana, 1)
		var refused atomic.Int32
		var all sync.WaitGroup
		for range 30 {
			all.Go(func() {
				_, err := o.StartBulk(t.Context(), o.dana, workspace.BulkRequest{Action: workspace.BulkRevoke, KeyIDs: ids})
				if err != nil {
					expectKind(t, "one job too many", err, workspace.Conflict)
					refused.Add(1)
				}
			})
		}
		all.Wait()
		if n := refused.Load(); n != 10 {
			t.Errorf("%d of 30 jobs were refused, want 10", n)
		}
		o.startRevoking(ben, o.addKeys(ben, 1)...)
	})
}

// A step that panics ends its job, and no other.
func TestBulkJobThatPanics(t *testing.T) {
	o := newOffice(t)
	var armed atomic.Bool
	s := workspace.NewService(o.db, workspace.Config{Now: func() time.Time {
		var stack [1 << 14]byte
		if strings.Contains(string(stack[:runtime.Stack(stack[:], false)]), "alterKey") && armed.CompareAndSwap(true, false) {
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
	if len(faults) != 1 || !strings.Contains(faults[0].Error(), "a fault") || !strings.Contains(faults[0].Error(), "bulk.go") {
		t.Errorf("reported %v", errors.Join(faults...))
	}
	if j := o.job(bad); j.Outcome != workspace.JobFailed || j.Changed != 0 || !o.works(first.ID) {
		t.Errorf("the job that panicked ended as %+v", j)
	}
	if j := o.job(good); j.Outcome != workspace.JobDone || o.works(second.ID) {
		t.Errorf("the other job ended as %+v", j)
	}
}

// remove removes a member, and returns when their keys are settled.
func (o *office) remove(by, who workspace.Actor) {
	o.Helper()
	_, j, err := o.RemoveMember(o.Context(), by, who.UserID, "")
	if err != nil {
		o.Fatal(err)
	}
	if j.ID != "" {
		o.runJob(j)
	}
}

// A job's page is there for a day after its end.
func TestTidyDeletesJobsThatEnded(t *testing.T) {
	o := newOffice(t)
	ended := o.runJob(o.startRevoking(o.dana, o.addKey(o.dana).ID))
	waiting := o.startRevoking(o.dana, o.addKey(o.dana).ID)
	o.clock = o.clock.Add(25 * time.Hour)
	if err := o.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := o.Job(t.Context(), o.dana, ended.ID)
	expectKind(t, "a job that ended a day ago", err, workspace.NotFound)
	o.job(waiting)
}
