package keyindex_test

import (
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/postgrestest"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// onBoth runs a test on either engine.
func onBoth(t *testing.T, test func(*testing.T, *clocked)) {
	t.Run("SQLite", func(t *testing.T) { test(t, installClocked(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, clockedOn(installAt(t, postgrestest.URL(t)))) })
}

// slow is how far the clock of the node that verifies lags behind the one that
// decides.
const slow = 2 * time.Second

func (c *clocked) rotate(keyID, overlap string) secret.Secret {
	c.Helper()
	_, keySecret, err := c.service.RotateKey(c.Context(), c.acme, workspace.KeyRotation{KeyID: keyID, Overlap: overlap})
	if err != nil {
		c.Fatal(err)
	}
	return keySecret
}

// refusedEverywhere expects a secret to be expired for a node with a slow
// clock, before and after a restart.
func (c *clocked) refusedEverywhere(what string, keySecret secret.Secret) {
	c.Helper()
	if a := c.expect(keySecret, "acme", c.now.Add(-slow),
		workspace.DecisionExpired); a.Decision != workspace.DecisionExpired {
		c.Errorf("%s works for a node with a slow clock", what)
	}
	fresh := *c.installation
	fresh.openIndex()
	if a := fresh.expect(keySecret, "acme", c.now.Add(-slow),
		workspace.DecisionExpired); a.Decision != workspace.DecisionExpired {
		c.Errorf("%s works for a node with a slow clock that was restarted", what)
	}
}

// TestEndedSecretsAreRefusedBySlowClocks ends secrets in every way, on a node
// whose clock is ahead of the one that verifies them.
func TestEndedSecretsAreRefusedBySlowClocks(t *testing.T) {
	onBoth(t, endedSecretsAreRefusedBySlowClocks)
}

func endedSecretsAreRefusedBySlowClocks(t *testing.T, c *clocked) {
	key, first := c.add(c.service, "never")
	second := c.rotate(key.ID, "24h")
	if err := c.service.SetOverlap(t.Context(), c.acme, key.ID, "0"); err != nil {
		t.Fatal(err)
	}
	c.refusedEverywhere("a retired secret", first)
	third := c.rotate(key.ID, "0")
	c.refusedEverywhere("a secret that was replaced without an overlap", second)
	fourth := c.rotate(key.ID, "1h")
	c.now = c.now.Add(time.Hour)
	fifth := c.rotate(key.ID, "1h")
	c.refusedEverywhere("a secret whose overlap had passed at the next rotation", third)
	c.expect(fourth, "acme", c.now.Add(-slow), workspace.DecisionValid)
	c.expect(fifth, "acme", c.now.Add(-slow), workspace.DecisionValid)
	for _, keySecret := range []secret.Secret{first, second, third} {
		c.refusedEverywhere("a secret from before", keySecret)
	}
}

// TestEndedSecretsStayEnded asks a node with a slow clock to let retired
// secrets go on.
func TestEndedSecretsStayEnded(t *testing.T) { onBoth(t, endedSecretsStayEnded) }

func endedSecretsStayEnded(t *testing.T, c *clocked) {
	behind := workspace.NewService(c.open(), workspace.Config{Now: func() time.Time { return c.now.Add(-slow) }})
	key, first := c.add(c.service, "never")
	second := c.rotate(key.ID, "24h")
	if err := c.service.SetOverlap(t.Context(), c.acme, key.ID, "0"); err != nil {
		t.Fatal(err)
	}
	if err := behind.SetOverlap(t.Context(), c.acme, key.ID, "7d"); workspace.KindOf(err) != workspace.Conflict {
		t.Errorf("a retired secret is given more time: %v", err)
	}
	c.refusedEverywhere("a retired secret", first)
	_, revoked, err := behind.ReportLeak(t.Context(), workspace.Actor{}, workspace.Leak{Secret: first, By: "GitHub"})
	if err != nil || revoked {
		t.Errorf("the report of a retired secret revoked its key: %v", err)
	}
	c.expect(second, "acme", c.now, workspace.DecisionValid)
	rotation := workspace.KeyRotation{KeyID: key.ID, Overlap: "0"}
	if _, _, err := behind.RotateKey(t.Context(), c.acme, rotation); err != nil {
		t.Errorf("a key whose old secret was retired can't be rotated by a node with a slow clock: %v", err)
	}
}

// TestExpiryThatHasPassedIsAState expires keys in bulk at a moment that passes
// while the job runs.
func TestExpiryThatHasPassedIsAState(t *testing.T) { onBoth(t, expiryThatHasPassedIsAState) }

func expiryThatHasPassedIsAState(t *testing.T, c *clocked) {
	key, first := c.add(c.service, "never")
	second := c.rotate(key.ID, "24h")
	at := c.now.Add(time.Minute)
	job, err := c.service.StartBulk(t.Context(), c.acme, workspace.BulkRequest{
		Action: workspace.BulkExpire, KeyIDs: []string{key.ID}, Expires: at.Format(workspace.ExpiryLayout),
	})
	if err != nil {
		t.Fatal(err)
	}
	c.now = at
	c.runJob(job)
	c.refusedEverywhere("a key that was expired", second)
	c.refusedEverywhere("the old secret of a key that was expired", first)
	listed, err := c.service.Key(t.Context(), c.acme, key.ID)
	if err != nil || listed.State(c.now.Add(-slow)) != workspace.KeyExpired {
		t.Errorf("a node with a slow clock shows the key as %s: %v", listed.State(c.now.Add(-slow)), err)
	}
	if _, err := c.service.EditKey(t.Context(), c.acme, key.ID,
		workspace.KeyEdit{Expires: "10d", Access: "full"}); err != nil {
		t.Fatal(err)
	}
	c.expect(second, "acme", c.now.Add(-slow), workspace.DecisionValid)
	c.expect(first, "acme", c.now.Add(-slow), workspace.DecisionValid)
}

// TestSlugThatWasTakenLeadsNowhereElse gives a slug that a workspace has left
// to another one, by a clock that is ahead.
func TestSlugThatWasTakenLeadsNowhereElse(t *testing.T) {
	for name, take := range map[string]func(*clocked) error{
		"by a new workspace": func(c *clocked) error {
			_, _, err := c.service.CreateWorkspace(c.Context(),
				workspace.NewWorkspace{Name: "New", Slug: "acme", OwnerEmail: "mei@new.example"})
			return err
		},
		"by one that moves": func(c *clocked) error {
			w, _, err := c.service.CreateWorkspace(c.Context(),
				workspace.NewWorkspace{Name: "New", Slug: "umbrella", OwnerEmail: "mei@new.example"})
			if err != nil {
				return err
			}
			actor := workspace.Operator
			actor.WorkspaceID = w.ID
			_, err = c.service.ChangeSlug(c.Context(), actor, "acme")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, c *clocked) { slugIsTaken(t, c, take) })
		})
	}
}

func slugIsTaken(t *testing.T, c *clocked, take func(*clocked) error) {
	_, secret := c.add(c.service, "never")
	if _, err := c.service.ChangeSlug(t.Context(), c.acme, "globex"); err != nil {
		t.Fatal(err)
	}
	c.expect(secret, "acme", c.now, workspace.DecisionValid)
	c.now = c.now.Add(30 * 24 * time.Hour)
	c.expect(secret, "acme", c.now, workspace.DecisionNotFound)
	if err := take(c); err != nil {
		t.Fatal(err)
	}
	c.expect(secret, "acme", c.now.Add(-slow), workspace.DecisionNotFound)
	c.expect(secret, "globex", c.now.Add(-slow), workspace.DecisionValid)
}
