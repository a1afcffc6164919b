package workspace_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/postgrestest"
	"github.com/keylodge/keylodge/internal/secret"
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
			key := workspace.KeyOf(secret.New(secret.DefaultPrefix), o.clock)
			key.WorkspaceID, key.OwnerID, key.CreatedBy = owner.WorkspaceID, owner.UserID, owner.UserID
			key.Name = fmt.Sprint("Key ", i)
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
		events, err := o.db.Events(o.Context(), workspace.EventQuery{WorkspaceID: workspaceID,
			Action: workspace.ActionKeyRevoked, After: after, Limit: 1000})
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
	w, owner, err := o.CreateWorkspace(o.Context(), workspace.NewWorkspace{Name: "Beta", Slug: "beta",
		OwnerEmail: "ben@beta.example", OwnerPassword: password})
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
