package workspace_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestOneCodeSignsInOnceHoweverItIsWritten is CVE-2026-20779 and CVE-2025-6014:
// it enters one code several times, at the same time and later, each time
// written in another way.
func TestOneCodeSignsInOnceHoweverItIsWritten(t *testing.T) {
	o := newOffice(t)
	app, codes := o.protect()
	o.clock = o.clock.Add(time.Hour)
	for name, codeNow := range map[string]func() string{
		"of the app": func() string { return app.code(o.clock) }, "for recovery": func() string { return codes[0] },
	} {
		code := codeNow()
		ways := []string{code, " " + code + " ", code[:3] + " " + code[3:], strings.ToUpper(code)}
		token := o.await()
		var in atomic.Int32
		var all sync.WaitGroup
		for _, way := range ways {
			all.Go(func() {
				if o.finish(token, way) == nil {
					in.Add(1)
				}
			})
		}
		all.Wait()
		for _, way := range ways {
			if o.finish(o.await(), way) == nil {
				in.Add(1)
			}
		}
		if in.Load() != 1 {
			t.Errorf("a code %s: %d sign-ins", name, in.Load())
		}
		o.clock = o.clock.Add(20 * time.Minute) // nobody has to wait any more
	}
}

// TestUnknownAccountsCostAHash is CVE-2025-6011: it counts the passwords that
// are hashed for nobody, so that answers take as long as for somebody.
func TestUnknownAccountsCostAHash(t *testing.T) {
	o := newOffice(t)
	o.hire("mei@acme.example", workspace.RoleAdmin) // has no password
	hashed := o.CountDummyHashesForTest()
	for email, want := range map[string]int32{
		"dana@acme.example": 0, "mei@acme.example": 1, "nobody@acme.example": 1, "no address": 1, "": 1,
	} {
		before := hashed.Load()
		_, err := o.signIn("192.0.2.1", email, "not the password", "")
		expectKind(t, email, err, workspace.Unauthenticated)
		if n := hashed.Load() - before; n != want {
			t.Errorf("%q: %d hashes for nobody, want %d", email, n, want)
		}
	}
	cost := func(hash string) string {
		return hash[:strings.LastIndex(hash[:strings.LastIndexByte(hash, '$')], "$")]
	}
	if dummy, real := cost(o.DummyHashForTest()), cost(o.passwordHash("dana@acme.example")); dummy != real {
		t.Errorf("nobody's hash costs %s, somebody's %s", dummy, real)
	}
}

func (o *office) passwordHash(email string) string {
	o.Helper()
	user, err := o.db.User(o.Context(), workspace.UserLookup{Email: email})
	if err != nil {
		o.Fatal(err)
	}
	return user.PasswordHash
}

// TestNothingOutlivesAMember is CVE-2026-33668: it tries what a member had
// before they were deactivated or removed.
func TestNothingOutlivesAMember(t *testing.T) {
	for name, stop := range map[string]func(o *office, userID string) error{
		"deactivated": func(o *office, userID string) error {
			_, err := o.ChangeMember(o.Context(), o.dana, userID, func(m *workspace.Member) { m.Active = false })
			return err
		},
		"removed": func(o *office, userID string) error {
			_, _, err := o.RemoveMember(o.Context(), o.dana, userID, "")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			sam, err := o.AddMember(t.Context(), o.dana, "", "sam@acme.example", password, workspace.RoleDeveloper)
			if err != nil {
				t.Fatal(err)
			}
			who := o.person(sam)
			key := o.addKey(who)
			session, err := o.signIn("192.0.2.1", "sam@acme.example", password, "")
			if err != nil {
				t.Fatal(err)
			}
			link, err := o.NewResetLink(t.Context(), "sam@acme.example")
			if err != nil {
				t.Fatal(err)
			}
			if err := stop(o, sam.UserID); err != nil {
				t.Fatal(err)
			}
			_, _, err = o.Authenticate(t.Context(), o.acme.ID, session.Token)
			expectKind(t, "the session", err, workspace.Unauthenticated)
			_, err = o.signIn("192.0.2.1", "sam@acme.example", password, session.DeviceToken)
			expectKind(t, "the password, from a known device", err, workspace.Unauthenticated)
			for act, err := range map[string]error{
				"adding a key": func() error {
					_, _,
						err := o.AddKey(t.Context(), who, workspace.NewKey{Nonce: "n"})
					return err
				}(),
				"rotating one": func() error {
					_, _,
						err := o.RotateKey(t.Context(), who, workspace.KeyRotation{KeyID: key.ID, Overlap: "0"})
					return err
				}(),
				"seeing keys": func() error {
					_,
						err := o.Keys(t.Context(), who, workspace.KeyActive, workspace.KeyCursor{})
					return err
				}(),
			} {
				if kind := workspace.KindOf(err); err == nil || kind != workspace.Forbidden &&
					kind != workspace.NotFound {
					t.Errorf("%s: %v", act, err)
				}
			}
			o.ResetPassword(t.Context(), workspace.Actor{}, link, "another long password")
			_, err = o.signIn("192.0.2.1", "sam@acme.example", "another long password", "")
			expectKind(t, "a password that a link from before has set", err, workspace.Unauthenticated)
		})
	}
}
