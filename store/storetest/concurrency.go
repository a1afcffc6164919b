package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// succeeded returns how many errors are nil, and fails the test when another is
// not of the kind.
func (f *fixture) succeeded(errs []error, otherwise workspace.Kind) (n int) {
	f.Helper()
	for _, err := range errs {
		if err == nil {
			n++
		} else {
			f.kind(err, otherwise)
		}
	}
	return n
}

// writers are n stores on the database, every other one as of another process.
func (f *fixture) writers(n int) []Store {
	stores := []Store{f.Store, f.open()}
	var writers []Store
	for i := range n {
		writers = append(writers, stores[i%2])
	}
	return writers
}

var concurrencyTests = map[string]func(*fixture){
	"numbers commit in order, and no change is missed": func(f *fixture) {
		const writers, each = 16, 6
		m := f.addMember(1, 1, workspace.RoleAdmin)
		before := f.number()
		stores := f.writers(writers)
		watched, stop := make(chan error, 1), make(chan struct{})
		go func() { watched <- watch(f, before, stop) }()
		f.must(errors.Join(all(writers, func(i int) error {
			for n := range each {
				k := testKey(i*each+n, m)
				err := stores[i].Change(f.ctx, func(tx workspace.ChangeTx) error { return tx.InsertKey(f.ctx, k) })
				if err != nil {
					return err
				}
				err = stores[i].Change(f.ctx, func(tx workspace.ChangeTx) error {
					err := tx.UpdateKey(f.ctx, k, revoked(k, "", epoch))
					if err == nil && n%2 == 1 {
						err = workspace.ErrNothingChanged
					}
					return err
				})
				if err != nil {
					return err
				}
			}
			return nil
		})...))
		close(stop)
		f.must(<-watched)
		counts, err := f.KeyCounts(f.ctx, workspace.KeyQuery{WorkspaceID: m.WorkspaceID, Now: listedAt})
		f.must(err)
		equal(f, "counts", counts, workspace.KeyCounts{workspace.KeyActive: writers * each / 2, workspace.KeyExpired: 0,
			workspace.KeyRevoked: writers * each / 2})
	},
	"each is committed when it returns, and undone alone when it fails": func(f *fixture) {
		const workspaces = 100
		f.must(errors.Join(all(2*workspaces, func(i int) error {
			mine, fails := testWorkspace(1+i/2), i%5 == 0 // each is made twice at once, or once beside one that fails
			if fails {
				mine = testWorkspace(1000 + i)
			}
			err := f.Change(f.ctx, func(tx workspace.ChangeTx) error {
				if err := tx.InsertWorkspace(f.ctx, mine); err != nil || !fails {
					return err
				}
				return errTest
			})
			if fails {
				if !errors.Is(err, errTest) {
					return fmt.Errorf("its own error became %w", err)
				}
				return nil
			}
			if err != nil && workspace.KindOf(err) != workspace.Conflict {
				return err
			}
			_, err = f.Workspace(f.ctx, workspace.WorkspaceLookup{Slug: mine.Slug}) // made now, or there already
			return err
		})...))
		made, err := f.Workspaces(f.ctx, workspace.WorkspaceFilter{Limit: 2 * workspaces})
		f.must(err)
		equal(f, "workspaces", len(made), workspaces)
	},
	"a write that waits for another process ends with its context": func(f *fixture) {
		f.change(func(tx workspace.ChangeTx) error {
			f.must(tx.InsertWorkspace(f.ctx, testWorkspace(1)))
			ctx, cancel := context.WithTimeout(f.ctx, 50*time.Millisecond)
			defer cancel()
			err := f.open().Change(ctx,
				func(tx workspace.ChangeTx) error { return tx.InsertWorkspace(ctx, testWorkspace(2)) })
			if !errors.Is(err, context.DeadlineExceeded) {
				f.Errorf("got %v, want the context's error", err)
			}
			return nil
		})
	},
	"two who revoke the same key: one has": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		for _, k := range f.addKeys(m, 0, 5, nil) {
			stores := f.writers(4)
			done := make([]bool, len(stores))
			errs := all(len(stores), func(i int) error {
				err := stores[i].Change(f.ctx, func(tx workspace.ChangeTx) error {
					return tx.UpdateKey(f.ctx, k, revoked(k, m.UserID, epoch))
				})
				done[i] = err == nil
				if errors.Is(err, workspace.ErrKeyChanged) {
					return nil
				}
				return err
			})
			f.must(errors.Join(errs...))
			times := 0
			for _, d := range done {
				if d {
					times++
				}
			}
			equal(f, "times revoked", times, 1)
		}
	},
	"one form sent many times makes one key": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		before := f.number()
		stores := f.writers(16)
		errs := all(len(stores), func(i int) error {
			k := testKey(i, m)
			k.Nonce = "the form's"
			return stores[i].Change(f.ctx, func(tx workspace.ChangeTx) error { return tx.InsertKey(f.ctx, k) })
		})
		equal(f, "made", f.succeeded(errs, workspace.Conflict), 1)
		equal(f, "the number moved", f.number() > before, true)
		ids, _ := f.page(workspace.KeyQuery{WorkspaceID: m.WorkspaceID, State: workspace.KeyActive, Limit: 20})
		equal(f, "keys", len(ids), 1)
	},
	"failures at the same time all count": func(f *fixture) {
		stores := f.writers(20)
		counts := make([]int, len(stores))
		errs := all(len(stores), func(i int) error {
			return stores[i].Update(f.ctx, func(tx workspace.Tx) error {
				t, err := workspace.CountFailure(f.ctx, tx, "subject", epoch, epoch)
				counts[i] = t.Failures
				return err
			})
		})
		f.must(errors.Join(errs...))
		slices.Sort(counts)
		for i, n := range counts {
			equal(f, "count", n, i+1)
		}
	},
	"two who take the same slug, or make the same member: one has": func(f *fixture) {
		f.addMember(1, 1, workspace.RoleOwner)
		f.change(func(tx workspace.ChangeTx) error { return tx.InsertUser(f.ctx, testUser(2)) })
		stores := f.writers(8)
		errs := all(len(stores), func(i int) error {
			return stores[i].Change(f.ctx, func(tx workspace.ChangeTx) error {
				ws := testWorkspace(10 + i)
				ws.Slug = "wanted"
				return tx.InsertWorkspace(f.ctx, ws)
			})
		})
		equal(f, "workspaces", f.succeeded(errs, workspace.Conflict), 1)
		errs = all(len(stores), func(i int) error {
			return stores[i].Change(f.ctx, func(tx workspace.ChangeTx) error {
				return tx.InsertMember(f.ctx,
					testMember(testWorkspace(1), testUser(2), workspace.Roles[i%len(workspace.Roles)]))
			})
		})
		equal(f, "members", f.succeeded(errs, workspace.Conflict), 1)
	},
	"a store may be asked for its stamp while it is closed": func(f *fixture) {
		other := f.open()
		errs := all(4, func(i int) error {
			if i == 0 {
				return other.Close()
			}
			for range 10_000 {
				other.Stamp()
			}
			return nil
		})
		f.must(errors.Join(errs...))
		if _, ok := other.Stamp(); ok {
			f.Fatal("a closed store has a stamp")
		}
	},
}

// watch follows the facts from one number to the next, as an index does, until
// stop is closed; then every key that was added must have been heard of, and
// every number in turn been right.
func watch(f *fixture, number int64, stop <-chan struct{}) error {
	heard, last := facts{}, false
	for {
		next, err := f.FactsSince(f.ctx, number, &heard)
		if err != nil {
			return err
		}
		if next < number {
			return fmt.Errorf("the number went back from %d to %d", number, next)
		}
		number = next
		if last {
			break
		}
		select {
		case <-stop:
			last = true
		default:
		}
	}
	var whole facts
	if _, err := f.AllFacts(f.ctx, &whole); err != nil {
		return err
	}
	for id, want := range whole.keys {
		if !reflect.DeepEqual(heard.keys[id], want) {
			return fmt.Errorf("of key %s was heard %+v, want %+v", id, heard.keys[id], want)
		}
	}
	return nil
}
