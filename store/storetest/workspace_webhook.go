package storetest

import (
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

var webhookTests = map[string]func(*fixture){
	"a webhook is put, replaced and deleted": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		_, err := f.Webhook(f.ctx, m.WorkspaceID)
		f.kind(err, workspace.NotFound)
		for _, w := range []workspace.Webhook{{URL: "https://a.example", Secret: "whsec_a", CreatedAt: epoch},
			{URL: "https://b.example", Secret: "whsec_b", CreatedAt: epoch.Add(time.Hour)}} {
			f.update(func(tx workspace.Tx) error { return tx.PutWebhook(f.ctx, m.WorkspaceID, w) })
			got, err := f.Webhook(f.ctx, m.WorkspaceID)
			f.must(err)
			equal(f, "webhook", got, w)
		}
		for _, was := range []bool{true, false} {
			f.update(func(tx workspace.Tx) error {
				deleted, err := tx.DeleteWebhook(f.ctx, m.WorkspaceID)
				equal(f, "deleted", deleted, was)
				return err
			})
		}
	},
	"a webhook that fails is left alone, and one that is off has no messages": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		w := workspace.Webhook{URL: "https://hooks.example/x", Secret: "whsec_a", CreatedAt: epoch}
		message := testMessage(1, m.WorkspaceID, "hooks.example")
		message.Channel = workspace.ChannelWebhook
		f.update(func(tx workspace.Tx) error { return tx.PutWebhook(f.ctx, m.WorkspaceID, w) })
		f.queue(message)
		due := func(at time.Time) int {
			f.Helper()
			routes, err := f.DueRoutes(f.ctx, workspace.ChannelWebhook, at)
			f.must(err)
			return len(routes)
		}
		equal(f, "due", due(epoch), 1)
		update := func(was, w workspace.Webhook, want bool) {
			f.Helper()
			f.update(func(tx workspace.Tx) error {
				changed, err := tx.UpdateWebhook(f.ctx, m.WorkspaceID, was, w)
				equal(f, "changed", changed, want)
				return err
			})
		}
		paused := w
		paused.Failures, paused.PausedUntil = 1, epoch.Add(time.Minute)
		update(w, paused, true)
		update(w, paused, false) // another node did
		equal(f, "due while it is left alone", due(epoch.Add(time.Minute-time.Microsecond)), 0)
		equal(f, "due after it", due(epoch.Add(time.Minute)), 1)
		got, err := f.Webhook(f.ctx, m.WorkspaceID)
		f.must(err)
		equal(f, "paused webhook", got, paused)
		update(paused, w, true)
		equal(f, "due once it works", due(epoch), 1)
		off, other := w, w
		off.OffAt, other.URL = epoch, "https://other.example"
		update(other, off, false)
		update(w, off, true)
		update(w, off, false)
		equal(f, "due once it is off", due(epoch), 0)
		f.update(func(tx workspace.Tx) error { return tx.PutWebhook(f.ctx, m.WorkspaceID, w) })
		got, err = f.Webhook(f.ctx, m.WorkspaceID)
		f.must(err)
		equal(f, "saved again", got, w)
	},
}
