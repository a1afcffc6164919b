package workspace_test

import (
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// Who is removed can't come back before their keys are settled, and gets none
// of them back.
func TestRemovedMemberReturnsWhenKeysAreSettled(t *testing.T) {
	bothEngines(t, func(t *testing.T, dsn string) {
		o := officeOn(t, dsn)
		sam := o.hire("sam@acme.example", workspace.RoleDeveloper)
		o.addKeys(sam, 250)
		_, j, err := o.RemoveMember(t.Context(), o.dana, sam.UserID, "")
		if err != nil {
			t.Fatal(err)
		}
		_, err = o.AddMember(t.Context(), o.dana, "", "sam@acme.example", "", workspace.RoleDeveloper)
		expectKind(t, "back before the job ends", err, workspace.Unavailable)
		if j = o.runJob(j); j.Outcome != workspace.JobDone || j.Changed != 250 || j.Total != 250 {
			t.Errorf("the job ended as %+v", j)
		}
		sam = o.hire("sam@acme.example", workspace.RoleDeveloper)
		key := o.addKey(sam)
		if n := o.revoked(o.acme.ID); n != 250 || !o.works(key.ID) {
			t.Errorf("%d keys are revoked; the new one works: %v", n, o.works(key.ID))
		}
	})
}

// Each key has an event of whoever removed its owner, even when they were
// removed themselves before the job ended.
func TestKeysAreSettledInTheNameOfWhoRemovedTheirOwner(t *testing.T) {
	o := newOffice(t)
	mei, sam := o.hire("mei@acme.example", workspace.RoleAdmin), o.hire("sam@acme.example", workspace.RoleDeveloper)
	key := o.addKey(sam)
	mei.IP, mei.RequestID, mei.SessionID = "192.0.2.7", "req-1", "ses_1"
	_, j, err := o.RemoveMember(t.Context(), mei, sam.UserID, "")
	if err != nil {
		t.Fatal(err)
	}
	o.remove(o.dana, mei)
	if j = o.job(j); j.EndedAt.IsZero() {
		j = o.runJob(j)
	}
	events, err := o.db.Events(t.Context(), workspace.EventQuery{WorkspaceID: o.acme.ID,
		Action: workspace.ActionKeyRevoked,
		Limit:  10})
	if err != nil || len(events) != 1 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	e := events[0]
	if e.TargetID != key.ID || e.ActorID != mei.UserID || e.IP != mei.IP || e.RequestID != mei.RequestID ||
		e.Details["session"] != mei.SessionID ||
		e.Details["reason"] != string(workspace.ReasonOwnerLeft) || j.Outcome != workspace.JobDone {
		t.Errorf("event %+v, job %s", e, j.Outcome)
	}
}

// Keys follow to the last owner, when the service account that they go to is
// removed before the job ends; and are revoked when there is none.
func TestKeysGoOnToTheLastOwner(t *testing.T) {
	for _, toAnother := range []bool{true, false} {
		o := newOffice(t)
		sam := o.hire("sam@acme.example", workspace.RoleDeveloper)
		key := o.addKey(sam)
		var bots []workspace.Member
		for _, name := range []string{"First", "Second"} {
			bot, err := o.AddServiceAccount(t.Context(), o.dana, name, workspace.RoleDeveloper)
			if err != nil {
				t.Fatal(err)
			}
			bots = append(bots, bot)
		}
		last := ""
		if toAnother {
			last = bots[1].UserID
		}
		_, j, err := o.RemoveMember(t.Context(), o.dana, sam.UserID, bots[0].UserID)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := o.RemoveMember(t.Context(), o.dana, bots[0].UserID, last); err != nil {
			t.Fatal(err)
		}
		o.runJob(j)
		after, err := o.db.Key(t.Context(), workspace.KeyLookup{ID: key.ID, AnyWorkspace: true})
		if err != nil || toAnother && after.OwnerID != last || o.works(key.ID) != toAnother {
			t.Errorf("to another: %v; the key is %s's, and works: %v, %v", toAnother, after.OwnerID, o.works(key.ID),
				err)
		}
	}
}

// Another workspace's revocation is done while a removal is not.
func TestRemovalKeepsNoWriterWaiting(t *testing.T) {
	o := officeOn(t, t.TempDir()+"/keylodge.db")
	ben := o.beta()
	theirs := o.addKeys(ben, 1)
	sam := o.hire("sam@acme.example", workspace.RoleDeveloper)
	o.addKeys(sam, 3000)
	_, j, err := o.RemoveMember(t.Context(), o.dana, sam.UserID, "")
	if err != nil {
		t.Fatal(err)
	}
	defer runJobs(t, o.Service)()
	o.begun(j)
	if _, err := o.RevokeKey(t.Context(), ben, theirs[0], workspace.ReasonNone); err != nil {
		t.Fatal(err)
	}
	if during := o.job(j); !during.EndedAt.IsZero() {
		t.Error("the removal was done before the revocation")
	}
}
