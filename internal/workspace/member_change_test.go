package workspace_test

import (
	"sync"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// Rights that are taken away are gone in the very next act.
func TestLosingARoleActsAtOnce(t *testing.T) {
	o := newOffice(t)
	mei := o.hire("mei@acme.example", workspace.RoleDeveloper)
	key := o.addKey(mei)
	_, err := o.ChangeMemberByEmail(t.Context(), o.dana, "Mei@Acme.example",
		func(m *workspace.Member) { m.Role = workspace.RoleMember })
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = o.AddKey(t.Context(), mei, workspace.NewKey{Nonce: "n"})
	expectKind(t, "adding", err, workspace.Forbidden)
	_, err = o.RevokeKey(t.Context(), mei, key.ID, workspace.ReasonNone)
	expectKind(t, "revoking", err, workspace.Forbidden)
}

func TestThereIsAlwaysAnOwner(t *testing.T) {
	o := newOffice(t)
	for _, alter := range []func(*workspace.Member){
		func(m *workspace.Member) { m.Role = workspace.RoleAdmin },
		func(m *workspace.Member) { m.Active = false },
	} {
		_, err := o.ChangeMemberByEmail(t.Context(), o.dana, "dana@acme.example", alter)
		expectKind(t, "the last owner", err, workspace.Conflict)
	}
	mei := o.hire("mei@acme.example", workspace.RoleOwner)
	var both sync.WaitGroup // two owners demote each other at the same time
	for who, whom := range map[*workspace.Actor]string{&o.dana: "mei@acme.example", &mei: "dana@acme.example"} {
		both.Go(func() {
			o.ChangeMemberByEmail(t.Context(), *who, whom, func(m *workspace.Member) { m.Role = workspace.RoleMember })
		})
	}
	both.Wait()
	owners, err := o.db.Members(t.Context(), workspace.MemberFilter{WorkspaceID: o.acme.ID,
		People: true, Active: true, Roles: []workspace.Role{workspace.RoleOwner}, Limit: 9})
	if err != nil || len(owners) != 1 {
		t.Errorf("%d owners remain (%v)", len(owners), err)
	}
}
