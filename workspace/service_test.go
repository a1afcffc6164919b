package workspace_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keylodge/keylodge/store"
	"github.com/keylodge/keylodge/workspace"
)

const password = "correct horse battery"

// office is a workspace with an owner, on a clock that the test moves.
type office struct {
	*testing.T
	*workspace.Service
	db    *store.Store
	clock time.Time
	acme  workspace.Workspace
	dana  workspace.Actor // the owner
}

func newOffice(t *testing.T) *office {
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "keylodge.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	o := &office{T: t, db: db, clock: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	o.Service = workspace.NewService(db, workspace.Config{Now: func() time.Time { return o.clock }})
	var owner workspace.Member
	o.acme, owner, err = o.CreateWorkspace(t.Context(), workspace.NewWorkspace{
		Name: "Acme", Slug: "acme", OwnerName: "Dana Okafor", OwnerEmail: "dana@acme.example", OwnerPassword: password,
	})
	if err != nil {
		t.Fatal(err)
	}
	o.dana = o.person(owner)
	return o
}

func (o *office) person(m workspace.Member) workspace.Actor {
	return workspace.Actor{Kind: workspace.ByPerson, WorkspaceID: o.acme.ID, UserID: m.UserID}
}

func (o *office) hire(email string, role workspace.Role) workspace.Actor {
	o.Helper()
	m, err := o.AddMember(o.Context(), o.dana, "", email, "", role)
	if err != nil {
		o.Fatal(err)
	}
	return o.person(m)
}

func (o *office) addKey(by workspace.Actor) workspace.Key {
	o.Helper()
	key, _, err := o.AddKey(o.Context(), by, workspace.NewKey{Name: "CI", Nonce: workspace.NewToken()})
	if err != nil {
		o.Fatal(err)
	}
	return key
}

// count returns how many audit events of an action there are.
func (o *office) count(action workspace.Action) (n int) {
	o.Helper()
	events, err := o.db.Events(o.Context(), o.acme.ID, 1000)
	if err != nil {
		o.Fatal(err)
	}
	for _, e := range events {
		if e.Action == action {
			n++
		}
	}
	return n
}

func (o *office) signIn(address, email, password, device string) (workspace.SignedInSession, error) {
	stranger := workspace.Actor{Kind: workspace.ByStranger, WorkspaceID: o.acme.ID, Address: address}
	return o.SignIn(o.Context(), stranger, email, password, device)
}

func TestWhoMayDoWhatWithKeys(t *testing.T) {
	o := newOffice(t)
	danas := o.addKey(o.dana)
	for i, tt := range []struct {
		role                    workspace.Role
		add, seeOther, killsOne workspace.Kind
	}{
		{workspace.Owner, 0, 0, 0},
		{workspace.Admin, 0, 0, 0},
		{workspace.Developer, 0, workspace.NotFound, workspace.NotFound},
		{workspace.Auditor, workspace.Forbidden, 0, workspace.Forbidden},
		{workspace.Plain, workspace.Forbidden, workspace.Forbidden, workspace.Forbidden},
	} {
		t.Run(string(tt.role), func(t *testing.T) {
			who := o.hire(string(tt.role)+"@acme.example", tt.role)
			_, _, err := o.AddKey(t.Context(), who, workspace.NewKey{Nonce: "n"})
			expectKind(t, "adding", err, tt.add)
			_, err = o.Key(t.Context(), who, danas.ID)
			expectKind(t, "seeing another's key", err, tt.seeOther)
			_, err = o.RevokeKey(t.Context(), who, o.addKey(o.dana).ID)
			expectKind(t, "revoking another's key", err, tt.killsOne)
			if tt.add == 0 {
				_, err = o.RevokeKey(t.Context(), who, o.addKey(who).ID)
				expectKind(t, "revoking one's own key", err, 0)
			}
			if list, err := o.Keys(t.Context(), who, workspace.Active, workspace.KeyCursor{}); err == nil && list.OnlyOwn {
				for _, k := range list.Page.Keys {
					if k.OwnerID != who.UserID {
						t.Errorf("case %d: sees %s of %s", i, k.ID, k.OwnerID)
					}
				}
			}
		})
	}
}

func expectKind(t *testing.T, what string, err error, want workspace.Kind) {
	t.Helper()
	if (err == nil) != (want == workspace.Internal) || err != nil && workspace.KindOf(err) != want {
		t.Errorf("%s: %v", what, err)
	}
}

// Rights that are taken away are gone in the very next act.
func TestLosingARoleActsAtOnce(t *testing.T) {
	o := newOffice(t)
	mei := o.hire("mei@acme.example", workspace.Developer)
	key := o.addKey(mei)
	if _, err := o.ChangeMember(t.Context(), o.dana, "Mei@Acme.example", func(m *workspace.Member) { m.Role = workspace.Plain }); err != nil {
		t.Fatal(err)
	}
	_, _, err := o.AddKey(t.Context(), mei, workspace.NewKey{Nonce: "n"})
	expectKind(t, "adding", err, workspace.Forbidden)
	_, err = o.RevokeKey(t.Context(), mei, key.ID)
	expectKind(t, "revoking", err, workspace.Forbidden)
}

func TestTwoRevokeTheSameKey(t *testing.T) {
	o := newOffice(t)
	key := o.addKey(o.dana)
	people := []workspace.Actor{o.dana, o.hire("mei@acme.example", workspace.Admin)}
	seen := make([]workspace.ListedKey, 2)
	var both sync.WaitGroup
	for i, who := range people {
		both.Go(func() {
			var err error
			if seen[i], err = o.RevokeKey(t.Context(), who, key.ID); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if seen[0].RevokedBy == "" || seen[0].RevokedBy != seen[1].RevokedBy || seen[0].RevokedAt != seen[1].RevokedAt {
		t.Errorf("they see it revoked by %q and by %q", seen[0].RevokedBy, seen[1].RevokedBy)
	}
	if n := o.count(workspace.KeyRevoked); n != 1 {
		t.Errorf("%d audit events, want 1", n)
	}
}

func TestSendingAFormTwiceMakesOneKey(t *testing.T) {
	o := newOffice(t)
	var made, again int
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			_, secret, err := o.AddKey(t.Context(), o.dana, workspace.NewKey{Name: "CI", Nonce: "the form's"})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil && secret.Reveal() != "":
				made++
			case workspace.KindOf(err) == workspace.Conflict && secret.Reveal() == "":
				again++
			default:
				t.Errorf("unexpected: %v", err)
			}
		})
	}
	all.Wait()
	if made != 1 || again != 9 || o.count(workspace.KeyAdded) != 1 {
		t.Errorf("%d made, %d told so, %d audit events", made, again, o.count(workspace.KeyAdded))
	}
	// Another person's form may have the same nonce.
	if _, _, err := o.AddKey(t.Context(), o.hire("mei@acme.example", workspace.Admin), workspace.NewKey{Nonce: "the form's"}); err != nil {
		t.Error(err)
	}
}

func TestSetupWorksOnce(t *testing.T) {
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "keylodge.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := workspace.NewService(db, workspace.Config{})
	var tokens [2]string
	for i := range tokens { // two starts of the program: both links are good until one is used
		if tokens[i], err = s.NewSetupToken(t.Context()); err != nil || tokens[i] == "" {
			t.Fatal(tokens[i], err)
		}
	}
	form := workspace.NewWorkspace{Name: "Acme", Slug: "acme", OwnerName: "Dana", OwnerEmail: "dana@acme.example", OwnerPassword: password}
	_, _, err = s.SetUp(t.Context(), workspace.Actor{}, "wrong", form)
	expectKind(t, "a wrong token", err, workspace.Forbidden)
	_, _, err = s.SetUp(t.Context(), workspace.Actor{}, tokens[0], workspace.NewWorkspace{})
	expectKind(t, "an empty form", err, workspace.Invalid)
	var done, gone int
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			_, _, err := s.SetUp(t.Context(), workspace.Actor{}, tokens[i%2], form)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				done++
			case workspace.KindOf(err) == workspace.Gone:
				gone++
			default:
				t.Errorf("unexpected: %v", err)
			}
		})
	}
	all.Wait()
	if done != 1 || gone != 3 {
		t.Errorf("%d set up, %d refused", done, gone)
	}
	if token, err := s.NewSetupToken(t.Context()); token != "" || err != nil {
		t.Errorf("a token after set-up: %v", err)
	}
}

func TestThereIsAlwaysAnOwner(t *testing.T) {
	o := newOffice(t)
	for _, alter := range []func(*workspace.Member){
		func(m *workspace.Member) { m.Role = workspace.Admin },
		func(m *workspace.Member) { m.Active = false },
	} {
		_, err := o.ChangeMember(t.Context(), o.dana, "dana@acme.example", alter)
		expectKind(t, "the last owner", err, workspace.Conflict)
	}
	mei := o.hire("mei@acme.example", workspace.Owner)
	var both sync.WaitGroup // two owners demote each other at the same time
	for who, whom := range map[*workspace.Actor]string{&o.dana: "mei@acme.example", &mei: "dana@acme.example"} {
		both.Go(func() {
			o.ChangeMember(t.Context(), *who, whom, func(m *workspace.Member) { m.Role = workspace.Plain })
		})
	}
	both.Wait()
	owners, err := o.db.MembersByRole(t.Context(), o.acme.ID, []workspace.Role{workspace.Owner}, 9)
	if err != nil || len(owners) != 1 {
		t.Errorf("%d owners remain (%v)", len(owners), err)
	}
}

func TestSessionLimits(t *testing.T) {
	o := newOffice(t)
	in, err := o.signIn("192.0.2.1", "dana@acme.example", password, "")
	if err != nil {
		t.Fatal(err)
	}
	live := func(want bool) {
		t.Helper()
		_, err := o.Authenticate(t.Context(), o.acme.ID, in.Token)
		if (err == nil) != want {
			t.Errorf("at %s: %v", o.clock.Format(time.TimeOnly), err)
		}
	}
	live(true)
	for range 15 { // 7 h 15 min of work
		o.clock = o.clock.Add(29 * time.Minute)
		live(true)
	}
	idle := o.clock
	o.clock = idle.Add(30 * time.Minute)
	live(false)
	o.clock = idle.Add(20 * time.Minute)
	live(true)
	o.clock = idle.Add(40 * time.Minute)
	live(true)
	o.clock = idle.Add(46 * time.Minute) // more than eight hours in all
	live(false)
}

func TestEndedSessionsAreDead(t *testing.T) {
	o := newOffice(t)
	for name, end := range map[string]func(token string) error{
		"signed out": func(token string) error { return o.SignOut(t.Context(), o.dana, token) },
		"a new password": func(string) error {
			token, err := o.NewResetLink(t.Context(), "dana@acme.example")
			if err != nil {
				return err
			}
			return o.ResetPassword(t.Context(), workspace.Actor{}, token, password)
		},
	} {
		t.Run(name, func(t *testing.T) {
			in, err := o.signIn("192.0.2.1", " DANA@acme.example ", password, "")
			if err != nil {
				t.Fatal(err)
			}
			if err := end(in.Token); err != nil {
				t.Fatal(err)
			}
			_, err = o.Authenticate(t.Context(), o.acme.ID, in.Token)
			expectKind(t, name, err, workspace.Unauthenticated)
		})
	}
	for _, token := range []string{"", "x", strings.Repeat("x", 5000)} {
		_, err := o.Authenticate(t.Context(), o.acme.ID, token)
		expectKind(t, "no token of ours", err, workspace.Unauthenticated)
	}
}

func TestShortSessionsStayWithWhoIsActive(t *testing.T) {
	o := newOffice(t)
	s := workspace.NewService(o.db, workspace.Config{
		Now: func() time.Time { return o.clock }, Sessions: workspace.SessionPolicy{Idle: time.Minute, Absolute: time.Hour},
	})
	in, err := o.signIn("192.0.2.1", "dana@acme.example", password, "")
	if err != nil {
		t.Fatal(err)
	}
	for range 60 {
		o.clock = o.clock.Add(50 * time.Second)
		if _, err := s.Authenticate(t.Context(), o.acme.ID, in.Token); err != nil {
			t.Fatalf("signed out at work: %v", err)
		}
	}
}

func TestSessionsOfADeactivatedMemberStayDead(t *testing.T) {
	o := newOffice(t)
	o.hire("mei@acme.example", workspace.Owner)
	in, err := o.signIn("192.0.2.1", "dana@acme.example", password, "")
	if err != nil {
		t.Fatal(err)
	}
	operator := workspace.Operator
	operator.WorkspaceID = o.acme.ID
	for _, active := range []bool{false, true} {
		if _, err := o.ChangeMember(t.Context(), operator, "dana@acme.example", func(m *workspace.Member) { m.Active = active }); err != nil {
			t.Fatal(err)
		}
		_, err = o.Authenticate(t.Context(), o.acme.ID, in.Token)
		expectKind(t, "the session from before", err, workspace.Unauthenticated)
	}
}

func TestSessionsAreOfOneWorkspace(t *testing.T) {
	o := newOffice(t)
	other, _, err := o.CreateWorkspace(t.Context(), workspace.NewWorkspace{Name: "Other", Slug: "other", OwnerEmail: "dana@acme.example"})
	if err != nil {
		t.Fatal(err)
	}
	in, err := o.signIn("192.0.2.1", "dana@acme.example", password, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.Authenticate(t.Context(), other.ID, in.Token)
	expectKind(t, "in the other workspace", err, workspace.Unauthenticated)
}

func TestWrongPasswordsAreThrottled(t *testing.T) {
	o := newOffice(t)
	home, err := o.signIn("192.0.2.1", "dana@acme.example", password, "")
	if err != nil {
		t.Fatal(err)
	}
	// From as many addresses as there are tries, and in several spellings: the account is what counts.
	spellings := []string{"dana@acme.example", "DANA@acme.example", " dana@Acme.Example", "dana@acme.example\t"}
	for i := range 5 {
		_, err := o.signIn("198.51.100."+string(rune('1'+i)), spellings[i%len(spellings)], "wrong", "")
		expectKind(t, "a wrong password", err, workspace.Unauthenticated)
	}
	_, err = o.signIn("203.0.113.1", "dana@acme.example", password, "")
	expectKind(t, "the right one, too soon", err, workspace.Throttled)
	if _, err := o.signIn("203.0.113.1", "dana@acme.example", password, home.DeviceToken); err != nil {
		t.Errorf("a known device is locked out: %v", err)
	}
	o.clock = o.clock.Add(time.Second)
	if _, err := o.signIn("203.0.113.1", "dana@acme.example", password, ""); err != nil {
		t.Errorf("after the wait: %v", err)
	}
}

func TestOneAddressOverManyAccountsIsThrottled(t *testing.T) {
	o := newOffice(t)
	var err error
	for i := range 31 {
		_, err = o.signIn("2001:db8::"+string(rune('a'+i%6)), "nobody"+string(rune('a'+i))+"@acme.example", "wrong", "")
	}
	expectKind(t, "the 31st try from one network", err, workspace.Throttled)
	_, err = o.signIn("2001:db8:1::1", "dana@acme.example", password, "")
	expectKind(t, "another network", err, workspace.Internal)
}

func TestSignInTellsNothing(t *testing.T) {
	o := newOffice(t)
	o.hire("mei@acme.example", workspace.Admin) // has no password
	if _, err := o.ChangeMember(t.Context(), o.dana, "mei@acme.example", func(m *workspace.Member) { m.Active = false }); err != nil {
		t.Fatal(err)
	}
	_, unknown := o.signIn("192.0.2.1", "nobody@acme.example", password, "")
	for _, email := range []string{"dana@acme.example", "mei@acme.example", "", "x' OR 1=1 --"} {
		_, err := o.signIn("192.0.2.1", email, "wrong", "")
		if err == nil || err.Error() != unknown.Error() {
			t.Errorf("%q: %v, unknown: %v", email, err, unknown)
		}
	}
}

func TestResetLink(t *testing.T) {
	o := newOffice(t)
	first, err := o.NewResetLink(t.Context(), "Dana@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	second, err := o.NewResetLink(t.Context(), "dana@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	const fresh = "a wholly new passphrase"
	expectKind(t, "a replaced link", o.ResetPassword(t.Context(), workspace.Actor{}, first, fresh), workspace.Gone)
	expectKind(t, "a bad password", o.ResetPassword(t.Context(), workspace.Actor{}, second, "short"), workspace.Invalid)
	o.clock = o.clock.Add(workspace.ResetLinkLifetime)
	expectKind(t, "a day later", o.ResetPassword(t.Context(), workspace.Actor{}, second, fresh), workspace.Gone)
	o.clock = o.clock.Add(-time.Second)
	expectKind(t, "in time", o.ResetPassword(t.Context(), workspace.Actor{}, second, fresh), workspace.Internal)
	expectKind(t, "used twice", o.ResetPassword(t.Context(), workspace.Actor{}, second, fresh), workspace.Gone)
	_, err = o.signIn("192.0.2.1", "dana@acme.example", password, "")
	expectKind(t, "the old password", err, workspace.Unauthenticated)
	_, err = o.signIn("192.0.2.1", "dana@acme.example", fresh, "")
	expectKind(t, "the new password", err, workspace.Internal)
}

func TestTidyRemovesDeadSessions(t *testing.T) {
	o := newOffice(t)
	in, err := o.signIn("192.0.2.1", "dana@acme.example", password, "")
	if err != nil {
		t.Fatal(err)
	}
	o.clock = o.clock.Add(9 * time.Hour)
	if err := o.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, _, err = o.db.SessionMember(t.Context(), o.acme.ID, workspace.TokenDigest(in.Token))
	expectKind(t, "the row", err, workspace.NotFound)
}
