package storetest

import (
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

var throttleTests = map[string]func(*fixture){
	"failures add up, are forgiven, and start again when they are old": func(f *fixture) {
		const subject = "address:192.0.2.1"
		count := func(at time.Duration) (t workspace.Throttle) {
			f.update(func(tx workspace.Tx) (err error) {
				t, err = workspace.CountFailure(f.ctx, tx, subject, epoch.Add(at), epoch.Add(at-time.Hour))
				return err
			})
			return t
		}
		none := f.throttle(subject)
		equal(f, "before any", none.Failures, 0)
		count(0)
		equal(f, "the second", count(time.Minute),
			workspace.Throttle{Subject: subject, Failures: 2, LastFailed: epoch.Add(time.Minute)})
		until := epoch.Add(5 * time.Minute)
		f.block(subject, until)
		equal(f, "the third", count(2*time.Minute), workspace.Throttle{Subject: subject, Failures: 3,
			LastFailed: epoch.Add(2 * time.Minute), BlockedUntil: until})
		f.update(func(tx workspace.Tx) error { return workspace.ForgiveFailure(f.ctx, tx, subject) })
		got := f.throttle(subject)
		equal(f, "forgiven", got,
			workspace.Throttle{Subject: subject, Failures: 2, LastFailed: epoch.Add(2 * time.Minute)})
		equal(f, "after a long time", count(3*time.Hour).Failures, 1)
		f.update(func(tx workspace.Tx) error { return tx.PutThrottle(f.ctx, workspace.Throttle{Subject: subject}) })
		equal(f, "after it is deleted", count(3*time.Hour).Failures, 1)
	},
	"forgiving what never failed is no failure, and counts nothing": func(f *fixture) {
		f.update(func(tx workspace.Tx) error { return workspace.ForgiveFailure(f.ctx, tx, "x") })
		got := f.throttle("x")
		equal(f, "failures", got.Failures, 0)
	},
	"old throttles go, unless they still block": func(f *fixture) {
		f.update(func(tx workspace.Tx) error {
			for subject, failed := range map[string]time.Duration{"old": -2 * time.Hour, "blocked": -2 * time.Hour,
				"fresh": 0} {
				_, err := workspace.CountFailure(f.ctx, tx, subject, epoch.Add(failed), epoch.Add(failed))
				f.must(err)
			}
			return nil
		})
		f.block("blocked", epoch.Add(time.Hour))
		f.update(func(tx workspace.Tx) error {
			return f.prune(tx, workspace.Retention{Throttles: epoch.Add(-time.Hour)})
		})
		for subject, want := range map[string]int{"old": 0, "blocked": 1, "fresh": 1} {
			got := f.throttle(subject)
			equal(f, subject, got.Failures, want)
		}
	},
	"a known device is one person's": func(f *fixture) {
		anna, ben := f.addMember(1, 1, workspace.RoleOwner), f.addMember(1, 2, workspace.RoleOwner)
		device := secret.DigestOf("device")
		for range 2 {
			f.update(func(tx workspace.Tx) error {
				return tx.InsertKnownDevice(f.ctx,
					workspace.KnownDevice{UserID: anna.UserID, Digest: device, CreatedAt: epoch}, 10)
			})
		}
		for user, want := range map[string]bool{anna.UserID: true, ben.UserID: false} {
			got, err := f.KnownDevice(f.ctx, user, device)
			f.must(err)
			equal(f, user, got, want)
		}
	},
}

// throttle returns the throttle of a subject.
func (f *fixture) throttle(subject string) (t workspace.Throttle) {
	f.Helper()
	f.update(func(tx workspace.Tx) (err error) {
		if t, err = tx.HoldThrottle(f.ctx, subject); err != nil {
			return err
		}
		return workspace.ErrNothingChanged
	})
	return t
}

// block blocks a subject that has failures.
func (f *fixture) block(subject string, until time.Time) {
	f.Helper()
	f.update(func(tx workspace.Tx) error {
		t, err := tx.HoldThrottle(f.ctx, subject)
		if err != nil {
			return err
		}
		t.BlockedUntil = until
		return tx.PutThrottle(f.ctx, t)
	})
}
