package workspace_test

import (
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

func TestBulkJobEndsWithTheRight(t *testing.T) {
	o := officeOn(t, filepath.Join(t.TempDir(), "keylodge.db"))
	mei := o.hire("mei@acme.example", workspace.RoleAdmin)
	j := o.startRevoking(mei, o.addKeys(o.dana, 1500)...)
	stop := runJobs(t, o.Service)
	o.begun(j)
	if _, err := o.ChangeMember(t.Context(), o.dana, mei.UserID,
		func(m *workspace.Member) { m.Role = workspace.RoleAuditor }); err != nil {
		t.Fatal(err)
	}
	stop()
	if j = o.runJob(j); j.Outcome != workspace.JobNotAllowed || j.Done == 0 || j.Done >= 1500 ||
		o.revoked(o.acme.ID) != j.Changed {
		t.Errorf("ended as %s after %d keys, %d of them revoked", j.Outcome, j.Done, o.revoked(o.acme.ID))
	}
}

// A step-up before a job is one for all of it, however long the job waits.
func TestBulkJobKeepsItsStepUp(t *testing.T) {
	o := newOffice(t)
	key := o.addKey(o.dana)
	o.stop(o.dana, key.ID, disabling)
	j, err := o.StartBulk(t.Context(), o.dana, workspace.BulkRequest{Action: workspace.BulkEnable,
		KeyIDs: []string{key.ID}})
	if err != nil {
		t.Fatal(err)
	}
	o.clock = o.clock.Add(time.Hour)
	if j = o.runJob(j); j.Changed != 1 || !o.works(key.ID) {
		t.Errorf("an hour later: %+v", j)
	}
	_, err = o.StartBulk(t.Context(), o.dana, workspace.BulkRequest{Action: workspace.BulkEnable,
		KeyIDs: []string{key.ID}})
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
				_, err := o.StartBulk(t.Context(), o.dana, workspace.BulkRequest{Action: workspace.BulkRevoke,
					KeyIDs: ids})
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
