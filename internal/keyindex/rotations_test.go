package keyindex_test

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/postgrestest"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

// TestOldSecretsAreDropped rotates a key more often than old secrets are kept,
// once with an index that hears of each rotation and once with one that sleeps
// meanwhile.
func TestOldSecretsAreDropped(t *testing.T) { onBoth(t, oldSecretsAreDropped) }

func oldSecretsAreDropped(t *testing.T, c *clocked) {
	key, first := c.add(c.service, "never")
	asleep := *c.installation
	asleep.openIndex()
	secrets := []secret.Secret{first}
	c.expect(first, "acme", c.now, workspace.DecisionValid)
	if err := c.index.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	const rotations = workspace.MaxOldSecrets + 3
	for range rotations {
		c.now = c.now.Add(10 * time.Minute)
		secrets = append(secrets, c.rotate(key.ID, "0"))
		c.expect(secrets[len(secrets)-1], "acme", c.now, workspace.DecisionValid)
	}
	expectAll := func(in *installation, present workspace.Decision) {
		t.Helper()
		for n, keySecret := range secrets {
			want := workspace.DecisionExpired
			switch {
			case n < rotations-workspace.MaxOldSecrets:
				want = workspace.DecisionNotFound
			case n == rotations || present != workspace.DecisionValid:
				want = present
			}
			if a := in.expect(keySecret, "acme", c.now, want); a.Found && a.SecretNumber != n {
				t.Errorf("secret %d is said to be number %d", n, a.SecretNumber)
			}
		}
	}
	restarted := *c.installation
	restarted.openIndex()
	everywhere := []*installation{c.installation, &asleep, &restarted}
	for _, in := range everywhere {
		expectAll(in, workspace.DecisionValid)
	}
	if _, err := c.service.RevokeKey(t.Context(), c.acme, key.ID, workspace.ReasonNone); err != nil {
		t.Fatal(err)
	}
	for _, in := range everywhere {
		expectAll(in, workspace.DecisionRevoked)
	}
	if err := c.service.RestoreKey(t.Context(), c.acme, key.ID); err != nil {
		t.Fatal(err)
	}
	for _, in := range everywhere {
		expectAll(in, workspace.DecisionValid)
	}
	if _, _, err := c.service.ReportLeak(t.Context(), workspace.Actor{},
		workspace.Leak{Secret: first}); workspace.KindOf(err) != workspace.NotFound {
		t.Errorf("a dropped secret is reported: %v", err)
	}
	details, err := c.service.KeyDetails(t.Context(), c.acme, key.ID)
	activity := details.Activity
	if err != nil || len(activity.Sources) == 0 || len(activity.Old) != workspace.MaxOldSecrets {
		t.Errorf("the key's page has %d sources and %d old secrets: %v", len(activity.Sources), len(activity.Old), err)
	}
}

// TestRotationsAreLimited rotates one key, and as one person, as often as that
// goes.
func TestRotationsAreLimited(t *testing.T) { onBoth(t, rotationsAreLimited) }

func rotationsAreLimited(t *testing.T, c *clocked) {
	throttled := func(err error, wait time.Duration) {
		t.Helper()
		failed, ok := err.(*workspace.Error)
		if !ok || failed.Kind != workspace.Throttled || failed.RetryAfter != wait {
			t.Errorf("one rotation too many: %+v", err)
		}
	}
	key, _ := c.add(c.service, "never")
	begin := c.now
	for n := range 10 {
		c.now = begin.Add(time.Duration(n) * time.Minute)
		c.rotate(key.ID, "0")
	}
	_, _, err := c.service.RotateKey(t.Context(), c.acme, workspace.KeyRotation{KeyID: key.ID, Overlap: "0"})
	throttled(err, 51*time.Minute)
	c.now = begin.Add(time.Hour)
	keySecret := c.rotate(key.ID, "0")
	c.expect(keySecret, "acme", c.now, workspace.DecisionValid)

	person := workspace.Actor{Kind: workspace.ActorPerson, WorkspaceID: key.WorkspaceID, UserID: key.OwnerID,
		ProvenAt: c.now}
	other, _ := c.add(c.service, "never")
	err = c.db.Change(t.Context(), func(tx workspace.ChangeTx) error {
		for n := range 100 {
			k := workspace.KeyOf(secret.New("kl"), c.now)
			k.WorkspaceID, k.OwnerID = key.WorkspaceID, key.OwnerID
			if err := tx.InsertKey(t.Context(), k); err != nil {
				return err
			}
			for number := range 10 {
				old := workspace.OldSecret{KeyID: k.ID, SecretNumber: number, Digest: k.Digest, RotatedAt: c.now,
					RotatedBy: person.UserID, EndsAt: c.now, Ended: true}
				was := k
				k.Digest, k.SecretNumber = secret.DigestOf(fmt.Sprint(n, number)), number+1
				if n == 99 && number == 9 {
					break
				}
				err := errors.Join(tx.UpdateKey(t.Context(), was, k), tx.PutOldSecret(t.Context(), old))
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c.now = c.now.Add(time.Minute)
	rotation := workspace.KeyRotation{KeyID: other.ID, Overlap: "0"}
	if _, _, err := c.service.RotateKey(t.Context(), person, rotation); err != nil {
		t.Errorf("rotation 1000: %v", err)
	}
	_, _, err = c.service.RotateKey(t.Context(), person, workspace.KeyRotation{KeyID: other.ID, Overlap: "0"})
	throttled(err, 59*time.Minute)
	c.now = c.now.Add(59 * time.Minute)
	person.ProvenAt = c.now
	if _, _, err := c.service.RotateKey(t.Context(), person, rotation); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

// TestConcurrentChecksAndRotations rotates and edits keys while they, and their
// old secrets, are checked.
func TestConcurrentChecksAndRotations(t *testing.T) {
	c := installClocked(t)
	c.now = time.Now()
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			key, secret := c.add(c.service, "never")
			for round := range 8 {
				_, next, err := c.service.RotateKey(
					t.Context(),
					c.acme,
					workspace.KeyRotation{KeyID: key.ID, Overlap: []string{"0", "1h"}[round%2]},
				)
				if err != nil {
					t.Error(err)
					return
				}
				if round%2 == 1 {
					c.expect(secret, "acme", c.now, workspace.DecisionValid)
					if err := c.service.SetOverlap(t.Context(), c.acme, key.ID, "0"); err != nil {
						t.Error(err)
					}
				}
				c.expect(secret, "acme", c.now.Add(-slow), workspace.DecisionExpired)
				secret = next
				a := c.expect(secret, "acme", c.now, workspace.DecisionValid)
				if a.SecretNumber != round+1 {
					t.Errorf("secret %d is said to be number %d", round+1, a.SecretNumber)
				}
				scope := fmt.Sprintf("s:%d-%d", n, round)
				_, err = c.service.EditKey(t.Context(), c.acme, key.ID,
					workspace.KeyEdit{Name: scope, Expires: "keep", Scopes: []string{scope}, Rate: "1000/1h"})
				if err != nil {
					t.Error(err)
				}
				a = c.expect(secret, "acme", c.now, workspace.DecisionValid)
				if a.KeyName != scope || a.Limits.ScopeText != scope {
					t.Errorf("the key is %q with %q, want %q", a.KeyName, a.Limits.ScopeText, scope)
				}
			}
		})
	}
	all.Wait()
}
