package storetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// heads returns the heads of all chains by their workspaces, and fails the test
// when one is not whole.
func (f *fixture) heads() map[string]workspace.ChainHead {
	f.Helper()
	all, err := f.CheckChains(f.ctx, func(b workspace.Break) { f.Errorf("%s: %s", b.Chain.WorkspaceID, b) })
	f.must(err)
	byID := map[string]workspace.ChainHead{}
	for _, h := range all {
		byID[h.WorkspaceID] = h
	}
	return byID
}

func testEvent(id, workspaceID string) workspace.Event {
	return workspace.Event{ID: id, WorkspaceID: workspaceID, At: epoch, ActorKind: workspace.ActorStranger,
		Action: workspace.ActionSignInRefused, Details: map[string]string{}}
}

var chainTests = map[string]func(*fixture){
	"events of many writers at once are chains without holes": func(f *fixture) {
		const writers, each = 16, 8
		f.addMember(1, 1, workspace.RoleOwner)
		one, two := testWorkspace(1), testWorkspace(2)
		f.addMember(2, 1, workspace.RoleOwner)
		stores := f.writers(writers)
		f.must(errors.Join(all(writers, func(i int) error {
			for n := range each {
				id := fmt.Sprintf("evt_%d_%d", i, n)
				// Whatever order a transaction has, none must wait for one that
				// waits for it.
				steps := []func(workspace.Tx) error{
					func(tx workspace.Tx) error { return tx.InsertEvent(f.ctx, testEvent(id+"a", one.ID)) },
					func(tx workspace.Tx) error { return tx.InsertEvent(f.ctx, testEvent(id+"b", two.ID)) },
					func(tx workspace.Tx) error { return tx.InsertEvent(f.ctx, testEvent(id+"c", "")) },
					func(tx workspace.Tx) error {
						_, err := workspace.CountFailure(f.ctx, tx, "everybody", epoch, epoch)
						return err
					},
				}
				act := func(tx workspace.Tx) error {
					for k := range steps {
						if err := steps[(k+i)%len(steps)](tx); err != nil {
							return err
						}
					}
					if n%4 == 3 {
						return errTest
					}
					return nil
				}
				var err error
				if i%2 == 0 {
					err = stores[i].Update(f.ctx, act)
				} else {
					err = stores[i].Change(f.ctx, func(tx workspace.ChangeTx) error {
						moved := one
						moved.Slug, moved.OldSlug, moved.OldSlugUntil = fmt.Sprintf("moved-%d-%d", i, n), one.Slug,
							epoch
						return errors.Join(tx.MoveWorkspace(f.ctx, moved), act(tx))
					})
				}
				if err != nil && !errors.Is(err, errTest) {
					return err
				}
			}
			return nil
		})...))
		const want = writers * each * 3 / 4
		heads := f.heads()
		for _, id := range []string{one.ID, two.ID, ""} {
			equal(f, "head of "+id, heads[id].Number, want)
			equal(f, "events of "+id, heads[id].Events, want)
		}
	},
	"a transaction that fails leaves no hole": func(f *fixture) {
		f.addMember(1, 1, workspace.RoleOwner)
		id := testWorkspace(1).ID
		for n := range 6 {
			err := f.Update(f.ctx, func(tx workspace.Tx) error {
				f.must(tx.InsertEvent(f.ctx, testEvent(fmt.Sprint("evt_", n, "a"), id)))
				f.must(tx.InsertEvent(f.ctx, testEvent(fmt.Sprint("evt_", n, "b"), id)))
				if n%2 == 1 {
					return errTest
				}
				return nil
			})
			equal(f, "failed", err != nil, n%2 == 1)
		}
		again := testEvent("evt_0a", id) // an id that exists
		err := f.Update(f.ctx, func(tx workspace.Tx) error { return tx.InsertEvent(f.ctx, again) })
		if err == nil {
			f.Fatal("an id is there twice")
		}
		equal(f, "head", f.heads()[id].Number, 6)
	},
	"what no database takes is hashed as it is kept": func(f *fixture) {
		f.addMember(1, 1, workspace.RoleOwner)
		id := testWorkspace(1).ID
		f.update(func(tx workspace.Tx) error {
			for n, odd := range append([]string{"\x00", "a\xff\xfeb", "\xed\xa0\x80", "<&>\u2028", "a\x00"}, names...) {
				e := testEvent(fmt.Sprint("evt_", n), id)
				e.At = epoch.Add(time.Duration(n)*time.Second + 789*time.Nanosecond)
				e.ActorID, e.TargetID, e.IP, e.RequestID = odd, odd, odd, odd
				e.Details = map[string]string{"odd": odd, odd: "odd", "z": "", "a": odd + odd}
				f.must(tx.InsertEvent(f.ctx, e))
			}
			e := testEvent("evt_nothing", id)
			e.Details = nil
			return tx.InsertEvent(f.ctx, e)
		})
		equal(f, "events", f.heads()[id].Events, int64(6+len(names)))
	},
	"of two who prune the same log, one has": func(f *fixture) {
		f.addMember(1, 1, workspace.RoleOwner)
		id := testWorkspace(1).ID
		f.update(func(tx workspace.Tx) error {
			for n := range 50 {
				f.must(tx.InsertEvent(f.ctx, testEvent(fmt.Sprintf("evt_%02d", n), id)))
			}
			return nil
		})
		stores := f.writers(8)
		pruned := make([]workspace.PrunedEvents, len(stores))
		f.must(errors.Join(all(len(stores), func(i int) error {
			return stores[i].Update(f.ctx, func(tx workspace.Tx) (err error) {
				pruned[i], err = tx.PruneEvents(f.ctx, id, epoch.Add(time.Second), 10)
				return err
			})
		})...))
		seen := map[int64]bool{}
		for _, p := range pruned {
			if p.Events > 0 {
				equal(f, "events", p.Events, 10)
				equal(f, "number seen before", seen[p.Number], false)
				seen[p.Number] = true
			}
		}
		equal(f, "who have pruned", len(seen), 5)
	},
}
