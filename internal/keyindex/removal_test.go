package keyindex_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// runJob runs a job to its end.
func (c *clocked) runJob(j workspace.Job) {
	c.Helper()
	ctx, cancel := context.WithCancel(c.Context())
	var running sync.WaitGroup
	running.Go(func() {
		c.service.RunJobs(ctx, func(j workspace.Job, err error) { c.Errorf("job %s: %v", j.ID, err) })
	})
	c.service.AwaitJob(c.Context(), j.WorkspaceID, j.ID, time.Minute)
	cancel()
	running.Wait()
	if j, err := c.db.Job(c.Context(), j.WorkspaceID, j.ID); err != nil || j.Outcome != workspace.JobDone {
		c.Fatalf("the job ended as %q, %v", j.Outcome, err)
	}
}

// TestKeysOfARemovedMember verifies keys of members who were removed, before
// and after the job that settles the keys.
func TestKeysOfARemovedMember(t *testing.T) { onBoth(t, keysOfARemovedMember) }

func keysOfARemovedMember(t *testing.T, c *clocked) {
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	bot, err := c.service.AddServiceAccount(ctx, c.acme, "Robot", workspace.RoleDeveloper)
	must(err)
	var jobs []workspace.Job
	var secrets []secret.Secret
	for _, to := range []string{"", bot.UserID} {
		m, err := c.service.AddMember(ctx, c.acme, "", "leaver"+to+"@acme.example", "", workspace.RoleAdmin)
		must(err)
		_, keySecret, err := c.service.AddKey(ctx, c.acme, workspace.NewKey{OwnerID: m.UserID, Expires: "never"})
		must(err)
		c.expect(keySecret, "acme", c.now, workspace.DecisionValid)
		_, job, err := c.service.RemoveMember(ctx, c.acme, m.UserID, to)
		must(err)
		jobs, secrets = append(jobs, job), append(secrets, keySecret)
	}
	owner := func(want workspace.Role) {
		t.Helper()
		if got := c.expect(secrets[1], "acme", c.now, workspace.DecisionValid).Owner; got.UserID != bot.UserID ||
			got.Role != want {
			t.Errorf("the key acts as %s, %s", got.UserID, got.Role)
		}
	}
	c.expect(secrets[0], "acme", c.now, workspace.DecisionOwnerInactive)
	owner(workspace.RoleDeveloper)
	_, err = c.service.ChangeMember(
		ctx,
		c.acme,
		bot.UserID,
		func(m *workspace.Member) { m.Role = workspace.RoleAuditor },
	)
	must(err)
	owner(workspace.RoleAuditor)
	for _, job := range jobs {
		c.runJob(job)
	}
	c.expect(secrets[0], "acme", c.now, workspace.DecisionRevoked)
	owner(workspace.RoleAuditor)
}
