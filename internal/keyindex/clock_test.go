package keyindex_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// clocked is an installation whose service has a clock of the test's own.
type clocked struct {
	*installation
	now time.Time
}

func installClocked(t *testing.T) *clocked { return clockedOn(install(t)) }

func clockedOn(in *installation) *clocked {
	c := &clocked{installation: in, now: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)}
	c.service = workspace.NewService(c.db, workspace.Config{Now: func() time.Time { return c.now }})
	return c
}

// is checks a secret now and a microsecond before.
func (c *clocked) is(keySecret secret.Secret, before, now workspace.Decision) {
	c.Helper()
	c.expect(keySecret, "acme", c.now.Add(-time.Microsecond), before)
	c.expect(keySecret, "acme", c.now, now)
}

// TestBoundaries meets every moment at which a key changes without anybody's
// doing, and a microsecond before each.
func TestBoundaries(t *testing.T) {
	c := installClocked(t)
	begin := c.now
	key, first := c.add(c.service, "90d")
	c.now = begin.AddDate(0, 0, 90)
	c.is(first, workspace.DecisionValid, workspace.DecisionExpired)

	c.now = begin
	rotate := func(overlap string) secret.Secret {
		t.Helper()
		_, keySecret, err := c.service.RotateKey(
			t.Context(),
			c.acme,
			workspace.KeyRotation{KeyID: key.ID, Overlap: overlap},
		)
		if err != nil {
			t.Fatal(err)
		}
		return keySecret
	}
	second := rotate("24h")
	c.expect(second, "acme", c.now, workspace.DecisionValid)
	rotation := workspace.KeyRotation{KeyID: key.ID, Overlap: "0"}
	if _, _, err := c.service.RotateKey(t.Context(), c.acme, rotation); workspace.KindOf(err) != workspace.Conflict {
		t.Errorf("a rotation while one is running: %v", err)
	}
	c.now = begin.Add(24 * time.Hour)
	c.is(first, workspace.DecisionValid, workspace.DecisionExpired)
	c.expect(second, "acme", c.now, workspace.DecisionValid)
	if err := c.service.SetOverlap(t.Context(), c.acme, key.ID, "7d"); workspace.KindOf(err) != workspace.Conflict {
		t.Errorf("an old secret that has ended is given more time: %v", err)
	}

	third := rotate("1h")
	c.now = c.now.Add(time.Hour - time.Microsecond)
	if err := c.service.SetOverlap(t.Context(), c.acme, key.ID, "24h"); err != nil { // at the last moment
		t.Fatal(err)
	}
	c.now = c.now.Add(24 * time.Hour)
	c.is(second, workspace.DecisionValid, workspace.DecisionExpired)
	fourth := rotate("0")
	c.expect(third, "acme", c.now, workspace.DecisionExpired)
	fifth := rotate("7d")
	if err := c.service.SetOverlap(t.Context(), c.acme, key.ID, "0"); err != nil {
		t.Fatal(err)
	}
	c.expect(fourth, "acme", c.now, workspace.DecisionExpired)

	// An old secret never outlives the key.
	c.now = begin.AddDate(0, 0, 90).Add(-time.Hour)
	sixth := rotate("24h")
	c.now = begin.AddDate(0, 0, 90)
	c.is(fifth, workspace.DecisionValid, workspace.DecisionExpired)
	c.is(sixth, workspace.DecisionValid, workspace.DecisionExpired)
	for _, keySecret := range []secret.Secret{first, second, third, fourth} {
		c.expect(keySecret, "acme", c.now, workspace.DecisionExpired)
	}
}

// TestUndo takes revocations back until ten minutes after them, and no longer.
func TestUndo(t *testing.T) {
	c := installClocked(t)
	for _, test := range []struct {
		reason workspace.Reason
		after  time.Duration
		undone bool
	}{
		{workspace.ReasonNone, 0, true}, {workspace.ReasonNotNeeded, 10*time.Minute - time.Microsecond, true},
		{workspace.ReasonOther, 10 * time.Minute, false},
		{workspace.ReasonCompromised, time.Second, false},
	} {
		key, first := c.add(c.service, "never")
		_, second, err := c.service.RotateKey(t.Context(), c.acme, workspace.KeyRotation{KeyID: key.ID, Overlap: "7d"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.service.RevokeKey(t.Context(), c.acme, key.ID, test.reason); err != nil {
			t.Fatal(err)
		}
		c.expect(first, "acme", c.now, workspace.DecisionRevoked)
		c.expect(second, "acme", c.now, workspace.DecisionRevoked)
		c.now = c.now.Add(test.after)
		err = c.service.RestoreKey(t.Context(), c.acme, key.ID)
		want := workspace.DecisionRevoked
		if test.undone {
			want = workspace.DecisionValid
		}
		if (err == nil) != test.undone {
			t.Errorf("%q after %v: %v", test.reason, test.after, err)
		}
		c.expect(first, "acme", c.now, want)
		c.expect(second, "acme", c.now, want)
	}
}

// TestRotatedKeysShareTheirRate rotates a key whose rate is used up: two
// secrets are not two rates.
func TestRotatedKeysShareTheirRate(t *testing.T) {
	c := installClocked(t)
	key, first, err := c.service.AddKeyFor(t.Context(), c.acme, "dana@acme.example", workspace.NewKey{Rate: "2/1h"})
	if err != nil {
		t.Fatal(err)
	}
	c.expect(first, "acme", c.now, workspace.DecisionValid)
	_, second, err := c.service.RotateKey(t.Context(), c.acme, workspace.KeyRotation{KeyID: key.ID, Overlap: "24h"})
	if err != nil {
		t.Fatal(err)
	}
	c.expect(second, "acme", c.now, workspace.DecisionValid)
	c.expect(first, "acme", c.now, workspace.DecisionRateLimited)
	c.expect(second, "acme", c.now, workspace.DecisionRateLimited)
}

// TestSources counts from where each secret of a key is used, and what that
// came to.
func TestSources(t *testing.T) {
	c := installClocked(t)
	key, first := c.add(c.service, "never")
	_, second, err := c.service.RotateKey(t.Context(), c.acme, workspace.KeyRotation{KeyID: key.ID, Overlap: "24h"})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		c.expect(first, "acme", c.now, workspace.DecisionValid)
		c.expect(second, "acme", c.now.Add(time.Second), workspace.DecisionValid)
	}
	if _, err := c.service.RevokeKey(t.Context(), c.acme, key.ID, workspace.ReasonNone); err != nil {
		t.Fatal(err)
	}
	c.expect(first, "acme", c.now.Add(time.Minute), workspace.DecisionRevoked)
	for range 2 {
		if err := c.index.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	sources, err := c.db.KeySources(t.Context(), key.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []workspace.KeySource{
		{
			KeyID:        key.ID,
			SecretNumber: 0,
			Decision:     workspace.DecisionRevoked,
			Checks:       1,
			Use:          workspace.Use{At: c.now.Add(time.Minute), IP: client, Agent: "curl"},
		},
		{
			KeyID:        key.ID,
			SecretNumber: 1,
			Decision:     workspace.DecisionValid,
			Checks:       3,
			Use:          workspace.Use{At: c.now.Add(time.Second), IP: client, Agent: "curl"},
		},
		{
			KeyID:        key.ID,
			SecretNumber: 0,
			Decision:     workspace.DecisionValid,
			Checks:       3,
			Use:          workspace.Use{At: c.now, IP: client, Agent: "curl"},
		},
	}
	if len(sources) != len(want) {
		t.Fatalf("%+v", sources)
	}
	for i := range want {
		if sources[i] != want[i] {
			t.Errorf("%+v, want %+v", sources[i], want[i])
		}
	}
}

// TestChecksWhileFlushing uses a key from here and there while its usage is
// written: nothing is counted twice or lost.
func TestChecksWhileFlushing(t *testing.T) {
	c := installClocked(t)
	key, secret := c.add(c.service, "never")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := range 2000 {
			view, err := c.index.Current(c.Context())
			if err != nil {
				t.Error(err)
				return
			}
			ip := netip.AddrFrom4([4]byte{192, 0, 2, byte(n % 3)})
			view.Verify(
				keyindex.Request{Secret: secret, Agent: "curl", Attempt: workspace.Attempt{Now: c.now, IP: ip}},
			)
		}
	}()
	for flushing := true; flushing; {
		select {
		case <-done:
			flushing = false
		default:
		}
		if err := c.index.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	sources, err := c.db.KeySources(t.Context(), key.ID)
	if err != nil {
		t.Fatal(err)
	}
	var checks int64
	for _, s := range sources {
		checks += s.Checks
	}
	if len(sources) != 3 || checks != 2000 {
		t.Errorf("%d checks from %d places", checks, len(sources))
	}
}
