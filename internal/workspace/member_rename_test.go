package workspace_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// sortedBy returns by what names a workspace's keys are sorted by owner, and
// how many by each.
func (o *office) sortedBy(workspaceID string) map[string]int {
	o.Helper()
	names := map[string]int{}
	for _, state := range []workspace.KeyState{workspace.KeyActive, workspace.KeyRevoked} {
		page, err := o.db.Keys(o.Context(), workspace.KeyQuery{WorkspaceID: workspaceID, State: state,
			Order: workspace.SortByOwner, Now: o.Now(), Limit: 5000})
		if err != nil {
			o.Fatal(err)
		}
		for _, k := range page.Keys {
			names[k.OwnerSort]++
		}
	}
	return names
}

// dueJob returns the oldest job of a workspace.
func (o *office) dueJob(workspaceID string) workspace.Job {
	o.Helper()
	due, err := o.db.DueJobs(o.Context(), workspace.JobClaim{Node: "test", Now: o.Now()})
	if err != nil {
		o.Fatal(err)
	}
	for _, j := range due {
		if j.WorkspaceID == workspaceID {
			return j
		}
	}
	o.Fatal("no job is due")
	return workspace.Job{}
}

func (o *office) rename(by workspace.Actor, userID, name string) {
	o.Helper()
	_, err := o.ChangeMember(o.Context(), by, userID, func(m *workspace.Member) { m.Name = name })
	if err != nil {
		o.Fatal(err)
	}
}

// A service account that is renamed, and renamed back, has all of its keys
// sorted by its last name in the end.
func TestKeysOfARenamedServiceAccount(t *testing.T) {
	bothEngines(t, func(t *testing.T, dsn string) {
		o := officeOn(t, dsn)
		bot, err := o.AddServiceAccount(t.Context(), o.dana, "Deploy Bot", workspace.RoleDeveloper)
		if err != nil {
			t.Fatal(err)
		}
		ids := o.addKeys(o.person(bot), 250)
		if _, err := o.RevokeKey(t.Context(), o.dana, ids[0], workspace.ReasonNone); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"Release Bot", "Deploy Bot", "Ship Bot"} {
			o.rename(o.dana, bot.UserID, name)
		}
		if got := o.sortedBy(o.acme.ID); !maps.Equal(got, map[string]int{"deploy bot": 250}) {
			t.Errorf("the renaming itself sorted the keys: %v", got)
		}
		for range 3 {
			if j := o.runJob(o.dueJob(o.acme.ID)); j.Outcome != workspace.JobDone {
				t.Errorf("the job ended as %+v", j)
			}
		}
		if got := o.sortedBy(o.acme.ID); !maps.Equal(got, map[string]int{"ship bot": 250}) {
			t.Errorf("sorted by %v", got)
		}
	})
}

// The keys of a user without a name are sorted by their email, in every
// workspace.
func TestKeysOfAUserWithANewEmail(t *testing.T) {
	o := newOffice(t)
	ben := o.beta()
	sam := o.hire("sam@acme.example", workspace.RoleDeveloper)
	inBeta, err := o.AddMember(t.Context(), ben, "", "sam@acme.example", "", workspace.RoleDeveloper)
	if err != nil {
		t.Fatal(err)
	}
	o.addKeys(sam, 3)
	o.addKeys(workspace.Actor{WorkspaceID: ben.WorkspaceID, UserID: inBeta.UserID}, 2)
	if err := o.SetEmail(t.Context(), "sam@acme.example", "Sam.Lee@acme.example"); err != nil {
		t.Fatal(err)
	}
	for _, j := range []workspace.Job{o.dueJob(o.acme.ID), o.dueJob(ben.WorkspaceID)} {
		o.runJob(j)
	}
	for id, keys := range map[string]int{o.acme.ID: 3, ben.WorkspaceID: 2} {
		if got := o.sortedBy(id); !maps.Equal(got, map[string]int{"sam.lee@acme.example": keys}) {
			t.Errorf("sorted by %v", got)
		}
	}
}

// Another workspace's revocation is done while the keys of a renamed owner are
// sorted.
func TestRenamingKeepsNoWriterWaiting(t *testing.T) {
	o := officeOn(t, t.TempDir()+"/keylodge.db")
	ben := o.beta()
	theirs := o.addKeys(ben, 1)
	bot, err := o.AddServiceAccount(t.Context(), o.dana, "Bot", workspace.RoleDeveloper)
	if err != nil {
		t.Fatal(err)
	}
	o.addKeys(o.person(bot), 3000)
	o.rename(o.dana, bot.UserID, "Robot")
	j := o.dueJob(o.acme.ID)
	defer runJobs(t, o.Service)()
	o.begun(j)
	if _, err := o.RevokeKey(t.Context(), ben, theirs[0], workspace.ReasonNone); err != nil {
		t.Fatal(err)
	}
	if during := o.job(j); !during.EndedAt.IsZero() {
		t.Error("the keys were sorted before the revocation")
	}
}

// A user who signs in again and again has a bounded number of sessions and
// devices, so that a reset of their password ends them all at once.
func TestSessionsAndDevicesOfAUserAreBounded(t *testing.T) {
	const most = 100
	o := newOffice(t)
	in := o.session()
	passkey := o.addPasskey(in, "laptop")
	var last workspace.SignedInSession
	for i := range most + 20 {
		o.clock = o.clock.Add(time.Second)
		var err error
		last, err = o.SignInByPasskey(t.Context(), workspace.SignInRequest{Actor: o.stranger()}, o.passkey("laptop"))
		if err != nil {
			t.Fatal(fmt.Errorf("sign-in %d: %w", i, err))
		}
	}
	_, _, err := o.Authenticate(t.Context(), o.acme.ID, in.Token)
	expectKind(t, "the oldest session", err, workspace.Unauthenticated)
	actor := o.actorOf(last)
	if all, err := o.Sessions(t.Context(), actor); err != nil || len(all) != most {
		t.Errorf("%d sessions, %v", len(all), err)
	}
	for _, token := range []string{in.DeviceToken, last.DeviceToken} {
		known, err := o.db.KnownDevice(t.Context(), passkey.UserID, secret.DigestOf(token))
		if err != nil || known != (token == last.DeviceToken) {
			t.Errorf("the last device: %v; known: %v, %v", token == last.DeviceToken, known, err)
		}
	}
}

// The sessions of a deleted workspace are refused, though their rows stay until
// they expire.
func TestSessionsOfADeletedWorkspace(t *testing.T) {
	o := newOffice(t)
	in := o.session()
	o.confirm(&o.dana, workspace.MethodPassword)
	if err := o.DeleteWorkspace(t.Context(), o.dana, o.acme, o.acme.Slug); err != nil {
		t.Fatal(err)
	}
	_, _, err := o.Authenticate(t.Context(), o.acme.ID, in.Token)
	expectKind(t, "a session of the deleted workspace", err, workspace.Unauthenticated)
}
