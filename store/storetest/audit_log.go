package storetest

import (
	"fmt"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

var eventTests = map[string]func(*fixture){
	"events come back as they went in, the newest first, of one workspace": func(f *fixture) {
		m, other := f.addMember(1, 1, workspace.RoleOwner), f.addMember(2, 1, workspace.RoleOwner)
		var want []workspace.Event
		f.update(func(tx workspace.Tx) error {
			for n, name := range names {
				e := workspace.Event{
					ID: fmt.Sprintf("evt_%020d", n), WorkspaceID: m.WorkspaceID,
					At:        epoch.Add(time.Duration(n/2) * time.Second),
					ActorKind: workspace.ActorPerson, ActorID: m.UserID, Action: workspace.ActionKeyAdded,
					TargetID: "key_x",
					Details:  map[string]string{"name": name, "hint": "kl_abcd…wxyz"}, IP: "192.0.2.1",
					RequestID: "r",
				}
				f.must(tx.InsertEvent(f.ctx, e))
				want = append([]workspace.Event{e}, want...)
			}
			f.must(tx.InsertEvent(f.ctx, workspace.Event{ID: "evt_other", WorkspaceID: other.WorkspaceID, At: epoch,
				Details: map[string]string{}}))
			return tx.InsertEvent(f.ctx, workspace.Event{ID: "evt_none", At: epoch, ActorKind: workspace.ActorStranger,
				Action: workspace.ActionSignInRefused})
		})
		got, err := f.Events(f.ctx, workspace.EventQuery{WorkspaceID: m.WorkspaceID, Limit: 100})
		f.must(err)
		equal(f, "events", bare(got), want)
		got, err = f.Events(f.ctx, workspace.EventQuery{WorkspaceID: m.WorkspaceID, Limit: 3})
		f.must(err)
		equal(f, "the newest three", bare(got), want[:3])
		got, err = f.Events(f.ctx, workspace.EventQuery{WorkspaceID: m.WorkspaceID, After: want[1].ID, Limit: 2})
		f.must(err)
		equal(f, "those after the second", bare(got), want[2:min(4, len(want))])
	},
	"an event of a transaction that fails is not written": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		f.Update(f.ctx, func(tx workspace.Tx) error {
			f.must(tx.InsertEvent(f.ctx, workspace.Event{ID: "evt_1", WorkspaceID: m.WorkspaceID, At: epoch}))
			return errTest
		})
		got, err := f.Events(f.ctx, workspace.EventQuery{WorkspaceID: m.WorkspaceID, Limit: 10})
		f.must(err)
		equal(f, "events", len(got), 0)
	},
}

// bare returns events without what a list shows beside them and without their
// places in their chains.
func bare(listed []workspace.ListedEvent) (events []workspace.Event) {
	for _, e := range listed {
		e.Number, e.Hash = 0, secret.Digest{}
		events = append(events, e.Event)
	}
	return events
}
