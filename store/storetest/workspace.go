package storetest

import (
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

var workspaceTests = map[string]func(*fixture){
	"workspaces come back as they went in, the oldest first": func(f *fixture) {
		var want []workspace.Workspace
		f.change(func(tx workspace.ChangeTx) error {
			for n := range len(names) {
				want = append(want, testWorkspace(n))
			}
			for n := len(names) - 1; n >= 0; n-- {
				f.must(tx.InsertWorkspace(f.ctx, want[n]))
			}
			return nil
		})
		got, err := f.Workspaces(f.ctx, workspace.WorkspaceFilter{Limit: 100})
		f.must(err)
		equal(f, "workspaces", got, want)
		got, err = f.Workspaces(f.ctx, workspace.WorkspaceFilter{Limit: 2})
		f.must(err)
		equal(f, "the first two", got, want[:2])
		one, err := f.Workspace(f.ctx, workspace.WorkspaceLookup{Slug: want[3].Slug})
		f.must(err)
		equal(f, "by slug", one, want[3])
	},
	"a slug is one workspace's": func(f *fixture) {
		f.addMember(1, 1, workspace.RoleOwner)
		second := testWorkspace(2)
		second.Slug = testWorkspace(1).Slug
		f.kind(f.Change(f.ctx, func(tx workspace.ChangeTx) error { return tx.InsertWorkspace(f.ctx, second) }),
			workspace.Conflict)
		got, err := f.Workspace(f.ctx, workspace.WorkspaceLookup{Slug: second.Slug})
		f.must(err)
		equal(f, "the slug's workspace", got, testWorkspace(1))
	},
	"what a workspace requires of sign-ins comes back": func(f *fixture) {
		f.addMember(1, 1, workspace.RoleOwner)
		policy := workspace.SignInPolicy{Require: workspace.RequirePasskey, From: epoch}
		f.update(func(tx workspace.Tx) error {
			return tx.UpdateWorkspace(f.ctx, testWorkspace(1).ID, workspace.WorkspaceUpdate{SignInPolicy: &policy})
		})
		w, err := f.Workspace(f.ctx, workspace.WorkspaceLookup{Slug: testWorkspace(1).Slug})
		f.must(err)
		equal(f, "policy", w.SignIn, policy)
	},
	"how long logs are kept comes back": func(f *fixture) {
		f.addMember(1, 1, workspace.RoleOwner)
		id := testWorkspace(1).ID
		f.update(func(tx workspace.Tx) error {
			days := 90
			f.kind(tx.UpdateWorkspace(f.ctx, "ws_none", workspace.WorkspaceUpdate{AuditDays: &days}),
				workspace.NotFound)
			return tx.UpdateWorkspace(f.ctx, id, workspace.WorkspaceUpdate{AuditDays: &days})
		})
		all, err := f.Workspaces(f.ctx, workspace.WorkspaceFilter{LimitedAudit: true, Deleted: true})
		f.must(err)
		equal(f, "workspaces", len(all), 1)
		equal(f, "workspace", all[0].ID, id)
		w, err := f.Workspace(f.ctx, workspace.WorkspaceLookup{ID: id})
		f.must(err)
		equal(f, "days", w.AuditDays, 90)
	},
	"a workspace is disabled and enabled, and only once each": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		for _, c := range []struct {
			at   time.Time
			want bool
		}{{time.Time{}, false}, {epoch, true}, {epoch.Add(1), false}, {time.Time{}, true}} {
			f.change(func(tx workspace.ChangeTx) error {
				done, err := tx.DisableWorkspace(f.ctx, m.WorkspaceID, c.at)
				equal(f, "changed", done, c.want)
				return err
			})
			if c.want {
				w, err := f.Workspace(f.ctx, workspace.WorkspaceLookup{Slug: "acme-1"})
				f.must(err)
				equal(f, "disabled at", w.DisabledAt, c.at)
			}
		}
	},
	"a catalog of scopes comes back as it went in": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		got, err := f.ScopeCatalog(f.ctx, m.WorkspaceID)
		f.must(err)
		equal(f, "none", got, workspace.ScopeCatalog{})
		var c workspace.ScopeCatalog
		for _, name := range names {
			c.Scopes = append(c.Scopes, workspace.NamedScope{Name: name, Description: name, Group: name})
			c.Templates = append(c.Templates, workspace.ScopeTemplate{Name: name, Scopes: []string{name}})
		}
		for range 2 {
			f.update(func(tx workspace.Tx) error {
				return tx.UpdateWorkspace(f.ctx, m.WorkspaceID, workspace.WorkspaceUpdate{Scopes: &c})
			})
		}
		got, err = f.ScopeCatalog(f.ctx, m.WorkspaceID)
		f.must(err)
		equal(f, "catalog", got, c)
	},
}
