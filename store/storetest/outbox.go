package storetest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// testMessage is an email that waits in the outbox.
func testMessage(n int, lane, host string) workspace.Message {
	return workspace.Message{
		ID: fmt.Sprintf("msg_%04d", n), WorkspaceID: lane, Channel: workspace.ChannelMail, Kind: workspace.MessageText,
		Lane: lane, Host: host,
		To: "lina@" + host, UserID: "usr_1", Payload: `{"Subject":"` + names[n%len(names)] + `"}`, CreatedAt: epoch,
		NextAt:   epoch,
		Deadline: epoch.Add(time.Hour),
	}
}

func (f *fixture) queue(all ...workspace.Message) {
	f.Helper()
	f.update(func(tx workspace.Tx) error {
		for _, m := range all {
			if err := tx.InsertMessage(f.ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// claim claims a message of a route for a minute, and returns its id; empty:
// none was due.
func (f *fixture) claim(s Store, lane, host string, now time.Time) (m workspace.Message) {
	f.Helper()
	err := s.Update(f.ctx, func(tx workspace.Tx) (err error) {
		m, err = tx.ClaimMessage(f.ctx, workspace.ChannelMail, workspace.Route{Lane: lane, Host: host}, now,
			now.Add(time.Minute))
		return err
	})
	if err != nil {
		f.kind(err, workspace.NotFound)
	}
	return m
}

var outboxTests = map[string]func(*fixture){
	"a message is claimed once, until its claim ends": func(f *fixture) {
		want := testMessage(1, "ws_1", "acme.example")
		f.queue(want)
		got := f.claim(f, "ws_1", "acme.example", epoch)
		want.Attempts, want.ClaimedUntil = 1, epoch.Add(time.Minute)
		equal(f, "message", got, want)
		equal(f, "again", f.claim(f, "ws_1", "acme.example", epoch.Add(time.Minute-time.Microsecond)).ID, "")
		equal(f, "once the claim has ended", f.claim(f, "ws_1", "acme.example", epoch.Add(time.Minute)).Attempts, 2)
		f.update(func(tx workspace.Tx) error {
			held, err := tx.UpdateMessage(f.ctx, got)
			equal(f, "the first claim holds", held, false)
			return err
		})
		f.update(func(tx workspace.Tx) error { return tx.DeleteMessage(f.ctx, want.ID) })
		equal(f, "once it is deleted", f.claim(f, "ws_1", "acme.example", epoch.Add(time.Hour)).ID, "")
	},
	"messages are due in their order, by their routes": func(f *fixture) {
		later, given := testMessage(3, "ws_1", "acme.example"), testMessage(4, "ws_3", "c.example")
		later.NextAt, given.GivenUpAt = epoch.Add(time.Second), epoch
		f.queue(testMessage(2, "ws_1", "acme.example"), testMessage(1, "ws_1", "acme.example"), later, given,
			testMessage(5, "ws_2", "b.example"), testMessage(6, "ws_1", "b.example"))
		due := func(at time.Time) []workspace.Route {
			f.Helper()
			routes, err := f.DueRoutes(f.ctx, workspace.ChannelMail, at)
			f.must(err)
			return routes
		}
		equal(f, "too early", len(due(epoch.Add(-time.Microsecond))), 0)
		equal(f, "due", due(epoch), []workspace.Route{{Lane: "ws_1", Host: "acme.example"},
			{Lane: "ws_1", Host: "b.example"}, {Lane: "ws_2", Host: "b.example"}})
		for _, want := range []string{"msg_0001", "msg_0002", ""} {
			equal(f, "claimed", f.claim(f, "ws_1", "acme.example", epoch).ID, want)
		}
		equal(f, "due later", f.claim(f, "ws_1", "acme.example", later.NextAt).ID, "msg_0003")
		n, err := f.QueuedMessages(f.ctx, workspace.ChannelMail, "ws_1", 3)
		f.must(err)
		equal(f, "queued, at most 3", n, 3)
		n, err = f.QueuedMessages(f.ctx, workspace.ChannelMail, "ws_3", 3)
		f.must(err)
		equal(f, "queued of those given up", n, 0)
	},
	"nodes at once claim each message once": func(f *fixture) {
		const messages = 60
		for n := range messages {
			f.queue(testMessage(n, "ws_1", "acme.example"))
		}
		writers := f.writers(4)
		claimed := make([][]string, len(writers))
		var all sync.WaitGroup
		for i, w := range writers {
			all.Go(func() {
				for range messages {
					if m := f.claim(w, "ws_1", "acme.example", epoch); m.ID != "" {
						claimed[i] = append(claimed[i], m.ID)
					}
				}
			})
		}
		all.Wait()
		ids := slices.Concat(claimed...)
		slices.Sort(ids)
		equal(f, "claimed", len(slices.Compact(ids)), messages)
		equal(f, "claims", len(slices.Concat(claimed...)), messages)
	},
	"messages past their deadline are given up, and the newest are kept": func(f *fixture) {
		var all []workspace.Message
		for n := range workspace.MaxUndelivered - 1 { // given up before
			m := testMessage(1000+n, "ws_1", "acme.example")
			m.GivenUpAt = epoch.Add(-time.Hour)
			all = append(all, m)
		}
		for n := range 4 {
			m := testMessage(n, "ws_1", "acme.example")
			m.Deadline = epoch.Add(time.Duration(n) * time.Second)
			all = append(all, m)
		}
		f.queue(all...)
		undelivered := func() []workspace.Message {
			list, err := f.UndeliveredMessages(f.ctx, "ws_1", 1000)
			f.must(err)
			return list
		}
		for n, want := range []int{workspace.MaxUndelivered, workspace.MaxUndelivered} {
			f.update(func(tx workspace.Tx) error {
				given, err := tx.GiveUpMessages(f.ctx, epoch.Add(time.Duration(n)*time.Second))
				equal(f, "given up", len(given), 1)
				return err
			})
			equal(f, "kept", len(undelivered()), want)
		}
		m := all[len(all)-2]
		m.GivenUpAt = epoch.Add(2 * time.Second)
		f.update(func(tx workspace.Tx) error {
			held, err := tx.UpdateMessage(f.ctx, m)
			equal(f, "held", held, true)
			return err
		})
		list := undelivered()
		equal(f, "kept after another", len(list), workspace.MaxUndelivered)
		equal(f, "newest", list[0].ID, "msg_0002")
		f.update(func(tx workspace.Tx) error {
			m, err := tx.TakeUndelivered(f.ctx, "ws_1", "msg_0002")
			equal(f, "taken", m.ID, "msg_0002")
			if err != nil {
				return err
			}
			_, err = tx.Prune(f.ctx, workspace.Retention{Undelivered: epoch.Add(time.Second), Limit: 1000})
			return err
		})
		f.kind(f.Update(f.ctx, func(tx workspace.Tx) error {
			_, err := tx.TakeUndelivered(f.ctx, "ws_1", "msg_0003") // which still waits
			return err
		}), workspace.NotFound)
		equal(f, "left", len(undelivered()), 1)
	},
	"whoever waits for messages hears of them after their commit": func(f *fixture) {
		f.Update(f.ctx, func(tx workspace.Tx) error {
			f.must(tx.InsertMessage(f.ctx, testMessage(1, "ws_1", "acme.example")))
			return workspace.ErrNothingChanged
		})
		select {
		case <-f.Queued(workspace.ChannelMail):
			f.Error("heard of a message that was undone")
		default:
		}
		for range 2 {
			f.queue(testMessage(2, "ws_1", "acme.example"))
			<-f.Queued(workspace.ChannelMail)
			f.update(func(tx workspace.Tx) error { return tx.DeleteMessage(f.ctx, "msg_0002") })
		}
	},
}
