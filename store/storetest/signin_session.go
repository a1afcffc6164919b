package storetest

import (
	"fmt"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// provenAt are moments at which people proved who they are; zero: nobody said.
var provenAt = []time.Time{epoch, {}, epoch.Add(-time.Hour)}

func testSession(n int, m workspace.Member) workspace.Session {
	return workspace.Session{
		Digest: secret.DigestOf(fmt.Sprint("session ", n)), WorkspaceID: m.WorkspaceID, UserID: m.UserID,
		CreatedAt: epoch, SeenAt: epoch, ProvenAt: provenAt[n%len(provenAt)], IP: "192.0.2.1",
		UserAgent: "Mozilla/5.0 (" + names[n%len(names)] + ")",
	}
}

// signedIn reports whether the session is there.
func (f *fixture) signedIn(s workspace.Session) bool {
	f.Helper()
	_, _, err := f.SessionMember(f.ctx, s.WorkspaceID, s.Digest)
	if err != nil {
		f.kind(err, workspace.NotFound)
	}
	return err == nil
}

var sessionTests = map[string]func(*fixture){
	"a session comes back with its member, in its workspace only": func(f *fixture) {
		m, elsewhere := f.addMember(1, 1, workspace.RoleAdmin), f.addMember(2, 1, workspace.RoleMember)
		for n := range len(names) {
			s := testSession(n, m)
			f.update(func(tx workspace.Tx) error { return tx.InsertSession(f.ctx, s) })
			got, member, err := f.SessionMember(f.ctx, m.WorkspaceID, s.Digest)
			f.must(err)
			equal(f, "session", got, s)
			equal(f, "member", member, m)
			_, _, err = f.SessionMember(f.ctx, elsewhere.WorkspaceID, s.Digest)
			f.kind(err, workspace.NotFound)
		}
	},
	"a browser that calls itself anything can sign in": func(f *fixture) {
		s := testSession(1, f.addMember(1, 1, workspace.RoleAdmin))
		s.UserAgent = "caf\xe9\x00"
		f.update(func(tx workspace.Tx) error { return tx.InsertSession(f.ctx, s) })
		got, _, err := f.SessionMember(f.ctx, s.WorkspaceID, s.Digest)
		f.must(err)
		equal(f, "what it called itself", got.UserAgent, "caf\uFFFD\uFFFD")
	},
	"a touch moves a session forward and never back": func(f *fixture) {
		s := testSession(1, f.addMember(1, 1, workspace.RoleAdmin))
		f.update(func(tx workspace.Tx) error { return tx.InsertSession(f.ctx, s) })
		for _, seen := range []time.Duration{time.Minute, 3 * time.Minute, 2 * time.Minute} {
			f.update(func(tx workspace.Tx) error {
				return tx.UpdateSession(f.ctx, s.Digest, workspace.SessionUpdate{SeenAt: epoch.Add(seen)})
			})
		}
		got, _, err := f.SessionMember(f.ctx, s.WorkspaceID, s.Digest)
		f.must(err)
		equal(f, "seen", got.SeenAt, epoch.Add(3*time.Minute))
	},
	"sessions end one by one, by person, and by age": func(f *fixture) {
		anna, here, there := f.addMember(1, 1, workspace.RoleAdmin), f.addMember(1, 2, workspace.RoleAdmin),
			f.addMember(2, 2, workspace.RoleAdmin)
		sessions := []workspace.Session{testSession(0, anna), testSession(1, anna), testSession(2, here),
			testSession(3, there), testSession(4, anna), testSession(5, anna)}
		sessions[4].SeenAt, sessions[5].CreatedAt = epoch.Add(-time.Hour), epoch.Add(-24*time.Hour)
		f.update(func(tx workspace.Tx) error {
			for _, s := range sessions {
				f.must(tx.InsertSession(f.ctx, s))
			}
			f.must(tx.DeleteSessions(f.ctx, workspace.SessionFilter{Digest: sessions[0].Digest}))
			f.must(tx.DeleteSessions(f.ctx, workspace.SessionFilter{UserID: here.UserID}))
			return f.prune(tx, workspace.Retention{
				SessionsSeen: epoch.Add(-time.Minute), SessionsBegun: epoch.Add(-8 * time.Hour),
			})
		})
		var got []bool
		for _, s := range sessions {
			got = append(got, f.signedIn(s))
		}
		equal(f, "who is signed in", got, []bool{false, true, false, false, false, false})
	},
}
