package storetest

import (
	"fmt"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

var memberTests = map[string]func(*fixture){
	"what is not there is not found": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		_, err := f.Workspace(f.ctx, workspace.WorkspaceLookup{Slug: "nope"})
		f.kind(err, workspace.NotFound)
		_, err = f.User(f.ctx, workspace.UserLookup{ID: "nope"})
		f.kind(err, workspace.NotFound)
		_, err = f.User(f.ctx, workspace.UserLookup{Email: "nope"})
		f.kind(err, workspace.NotFound)
		_, err = f.Member(f.ctx, m.WorkspaceID, "nope")
		f.kind(err, workspace.NotFound)
		_, err = f.Member(f.ctx, "nope", m.UserID)
		f.kind(err, workspace.NotFound)
	},
	"members come back with their names": func(f *fixture) {
		for n := range len(names) {
			m := f.addMember(1, n, workspace.Roles[n%len(workspace.Roles)])
			got, err := f.Member(f.ctx, m.WorkspaceID, m.UserID)
			f.must(err)
			equal(f, "member", got, m)
		}
	},
	"a person is a member of a workspace once, and of several": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		f.addMember(2, 1, workspace.RoleMember)
		f.kind(f.Change(f.ctx, func(tx workspace.ChangeTx) error { return tx.InsertMember(f.ctx, m) }),
			workspace.Conflict)
	},
	"an update of a member sets role and active, in one workspace": func(f *fixture) {
		m, elsewhere := f.addMember(1, 1, workspace.RoleOwner), f.addMember(2, 1, workspace.RoleOwner)
		m.Role, m.Active = workspace.RoleAuditor, false
		f.change(func(tx workspace.ChangeTx) error { return tx.UpdateMember(f.ctx, m) })
		for _, want := range []workspace.Member{m, elsewhere} {
			got, err := f.Member(f.ctx, want.WorkspaceID, want.UserID)
			f.must(err)
			equal(f, "member", got, want)
		}
		m.UserID = "nope"
		f.kind(f.Change(f.ctx, func(tx workspace.ChangeTx) error { return tx.UpdateMember(f.ctx, m) }),
			workspace.NotFound)
	},
	"members by role are active, of the roles, and the longest-standing first": func(f *fixture) {
		ws := testWorkspace(1)
		roles := []workspace.Role{workspace.RoleOwner, workspace.RoleAdmin, workspace.RoleMember, workspace.RoleOwner,
			workspace.RoleOwner}
		f.change(func(tx workspace.ChangeTx) error {
			f.must(tx.InsertWorkspace(f.ctx, ws))
			for n, role := range roles {
				f.must(tx.InsertUser(f.ctx, testUser(n)))
				m := testMember(ws, testUser(n), role)
				m.Active = n != 3
				m.CreatedAt = epoch.Add(-time.Duration(n) * time.Hour)
				f.must(tx.InsertMember(f.ctx, m))
			}
			return nil
		})
		for _, c := range []struct {
			roles []workspace.Role
			limit int
			want  []int
		}{
			{[]workspace.Role{workspace.RoleOwner, workspace.RoleAdmin}, 10, []int{4, 1, 0}},
			{[]workspace.Role{workspace.RoleOwner, workspace.RoleAdmin}, 2, []int{4, 1}},
			{[]workspace.Role{workspace.RoleMember}, 10, []int{2}},
			{[]workspace.Role{workspace.RoleAuditor}, 10, nil},
		} {
			members, err := f.Members(f.ctx, workspace.MemberFilter{WorkspaceID: ws.ID, People: true,
				Active: true, Roles: c.roles, Limit: c.limit})
			f.must(err)
			var got, want []string
			for _, m := range members {
				got = append(got, m.UserID)
			}
			for _, n := range c.want {
				want = append(want, testUser(n).ID)
			}
			equal(f, fmt.Sprint("members who are ", c.roles), got, want)
		}
	},
	"a service account is no person": func(f *fixture) {
		person := f.addMember(1, 1, workspace.RoleAdmin)
		robot := workspace.Member{WorkspaceID: person.WorkspaceID, UserID: "svc_1", Service: true,
			Role: workspace.RoleOwner, Active: true, CreatedAt: epoch, Name: "Robot"}
		f.change(func(tx workspace.ChangeTx) error {
			f.must(tx.InsertUser(f.ctx,
				workspace.User{ID: robot.UserID, Service: true, Name: robot.Name, CreatedAt: epoch}))
			return tx.InsertMember(f.ctx, robot)
		})
		for _, service := range []bool{false, true} {
			list, err := f.Members(f.ctx,
				workspace.MemberFilter{WorkspaceID: person.WorkspaceID, People: !service, Service: service, Limit: 10})
			f.must(err)
			equal(f, "list", list,
				[]workspace.ListedMember{{Member: map[bool]workspace.Member{false: person, true: robot}[service]}})
		}
		owners, err := f.Members(f.ctx, workspace.MemberFilter{WorkspaceID: person.WorkspaceID, People: true,
			Active: true, Roles: []workspace.Role{workspace.RoleOwner, workspace.RoleAdmin}, Limit: 10})
		f.must(err)
		equal(f, "owners", owners, []workspace.ListedMember{{Member: person}})
		_, err = f.User(f.ctx, workspace.UserLookup{Email: robot.UserID})
		f.kind(err, workspace.NotFound)
		robot.Name = "Other robot"
		f.change(func(tx workspace.ChangeTx) error { return tx.UpdateMember(f.ctx, robot) })
		got, err := f.Member(f.ctx, robot.WorkspaceID, robot.UserID)
		f.must(err)
		equal(f, "renamed", got, robot)
	},
	"who was removed is found by nobody, and may come back": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		session := testSession(1, m)
		f.update(func(tx workspace.Tx) error { return tx.InsertSession(f.ctx, session) })
		f.change(func(tx workspace.ChangeTx) error {
			return tx.RemoveMember(f.ctx, workspace.Removal{WorkspaceID: m.WorkspaceID, UserID: m.UserID, At: epoch})
		})
		_, err := f.Member(f.ctx, m.WorkspaceID, m.UserID)
		f.kind(err, workspace.NotFound)
		for id, want := range map[string]bool{m.UserID: true, "nope": false} {
			_, err := f.Removal(f.ctx, m.WorkspaceID, id)
			equal(f, "removed "+id, err == nil, want)
			if !want {
				f.kind(err, workspace.NotFound)
			}
		}
		list, err := f.Members(f.ctx, workspace.MemberFilter{WorkspaceID: m.WorkspaceID, Limit: 10})
		f.must(err)
		others, err := f.Workspaces(f.ctx, workspace.WorkspaceFilter{MemberID: m.UserID, Limit: 10})
		f.must(err)
		if len(list)+len(others) > 0 || f.signedIn(session) {
			f.Error("the member is still found")
		}
		f.kind(f.Change(f.ctx, func(tx workspace.ChangeTx) error { return tx.UpdateMember(f.ctx, m) }),
			workspace.NotFound)
		f.kind(f.Change(f.ctx, func(tx workspace.ChangeTx) error {
			return tx.RemoveMember(f.ctx, workspace.Removal{WorkspaceID: m.WorkspaceID, UserID: m.UserID, At: epoch})
		}), workspace.NotFound)
		m.Role, m.CreatedAt = workspace.RoleMember, epoch.Add(time.Hour)
		f.change(func(tx workspace.ChangeTx) error { return tx.InsertMember(f.ctx, m) })
		got, err := f.Member(f.ctx, m.WorkspaceID, m.UserID)
		f.must(err)
		equal(f, "the member who came back", got, m)
		f.kind(f.Change(f.ctx, func(tx workspace.ChangeTx) error { return tx.InsertMember(f.ctx, m) }),
			workspace.Conflict)
	},
}
