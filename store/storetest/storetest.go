// Package storetest is the conformance suite of [Store]: whatever
// every engine must do.
package storetest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// Database makes a fresh database with the present schema, and returns what
// opens it. Each call opens it anew, as another process would; the Store is
// closed when the test ends.
type Database func(t *testing.T) (open func() Store)

// Store is all that an engine must do: for the workspace, for the key index and
// for the operator's commands.
type Store interface {
	workspace.Store
	Close() error

	ChangeNumber(ctx context.Context) (int64, error)
	Stamp() (workspace.Stamp, bool)
	Halted() error
	AllFacts(ctx context.Context, into workspace.FactSink) (int64, error)
	FactsSince(ctx context.Context, number int64, into workspace.FactSink) (int64, error)
	RecordUsage(ctx context.Context, b workspace.UsageBatch) error
	CheckChains(ctx context.Context, report func(workspace.Break)) ([]workspace.ChainHead, error)
}

// Run runs the suite, with a fresh database for each test.
func Run(t *testing.T, database Database) {
	groups := map[string]map[string]func(*fixture){
		"transaction":        transactionTests,
		"concurrency":        concurrencyTests,
		"workspace":          workspaceTests,
		"workspace_webhook":  webhookTests,
		"user":               userTests,
		"member":             memberTests,
		"member_invite":      invitationTests,
		"key":                keyTests,
		"key_count":          countTests,
		"key_list":           listTests,
		"key_rotate":         rotationTests,
		"key_expiry_warning": warningTests,
		"key_usage":          usageTests,
		"overview":           overviewTests,
		"facts":              factTests,
		"signin_session":     sessionTests,
		"signin_throttle":    throttleTests,
		"signin_totp":        totpTests,
		"signin_passkey":     passkeyTests,
		"token":              tokenTests,
		"audit_log":          eventTests,
		"audit_chain":        chainTests,
		"outbox":             outboxTests,
		"prune":              pruneTests,
	}
	for group, tests := range groups {
		for name, test := range tests {
			t.Run(group+"/"+name, func(t *testing.T) {
				t.Parallel()
				open := database(t)
				test(&fixture{T: t, Store: open(), open: open, ctx: t.Context()})
			})
		}
	}
}

// fixture is one test's store, and short ways to fill it.
type fixture struct {
	*testing.T
	Store
	open func() Store
	ctx  context.Context
}

// epoch is the time at which the tests happen: long past, and with
// microseconds.
var epoch = time.Date(2024, 2, 29, 12, 30, 0, 123456000, time.UTC)

// names are hard on whatever builds SQL, counts bytes or folds letters.
var names = []string{
	"", "O'Brien", `"quoted" \ back`, "100%_sure", "日本語", "مفتاح", "👩‍👩‍👧‍👦 family", "line\u2028separator",
	"'; DROP TABLE keys; --",
	"İstanbul ß ﬁ", "$1 $2", "a\u0301",
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// kind fails the test unless err is of the kind.
func (f *fixture) kind(err error, want workspace.Kind) {
	f.Helper()
	if err == nil || workspace.KindOf(err) != want {
		f.Fatalf("got error %v of kind %d, want kind %d", err, workspace.KindOf(err), want)
	}
}

// is fails the test unless an error is want.
func (f *fixture) is(err, want error) {
	f.Helper()
	if !errors.Is(err, want) {
		f.Fatalf("got error %v, want %v", err, want)
	}
}

// equal fails the test unless got is want.
func equal[T any](f *fixture, what string, got, want T) {
	f.Helper()
	if !reflect.DeepEqual(got, want) {
		f.Fatalf("%s\n got %+v\nwant %+v", what, got, want)
	}
}

func (f *fixture) change(fn func(workspace.ChangeTx) error) {
	f.Helper()
	f.must(f.Change(f.ctx, fn))
}

func (f *fixture) update(fn func(workspace.Tx) error) {
	f.Helper()
	f.must(f.Update(f.ctx, fn))
}

func (f *fixture) number() int64 {
	f.Helper()
	n, err := f.ChangeNumber(f.ctx)
	f.must(err)
	return n
}

// all runs n of fn at the same time and returns their errors.
func all(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-begin
			errs[i] = fn(i)
		})
	}
	close(begin)
	wg.Wait()
	return errs
}

func testWorkspace(n int) workspace.Workspace {
	return workspace.Workspace{
		ID: fmt.Sprintf("ws_%020d", n), Slug: fmt.Sprintf("acme-%d", n), Name: names[n%len(names)],
		CreatedAt: epoch.Add(time.Duration(n) * time.Second),
	}
}

func testUser(n int) workspace.User {
	return workspace.User{
		ID: fmt.Sprintf("usr_%020d", n), Email: fmt.Sprintf("person-%d@example.com", n), Name: names[n%len(names)],
		PasswordHash: "$argon2id$test", CreatedAt: epoch,
	}
}

func testMember(ws workspace.Workspace, u workspace.User, role workspace.Role) workspace.Member {
	return workspace.Member{WorkspaceID: ws.ID, UserID: u.ID, Role: role, Active: true, CreatedAt: epoch, Name: u.Name,
		Email: u.Email}
}

// testKey is key n of a member; a higher n is a later key.
func testKey(n int, owner workspace.Member) workspace.Key {
	return workspace.Key{
		ID: testKeyID(n), WorkspaceID: owner.WorkspaceID, OwnerID: owner.UserID,
		Name: names[n%len(names)], Hint: "kl_abcd…wxyz", Digest: secret.DigestOf(fmt.Sprint("key ", n)),
		CreatedBy: owner.UserID, CreatedAt: epoch.Add(time.Duration(n) * time.Second), Nonce: fmt.Sprint("nonce ", n),
	}
}

func testKeyID(n int) string {
	var id [workspace.IDBytes]byte
	binary.BigEndian.PutUint64(id[workspace.IDBytes-8:], uint64(n))
	return string(workspace.AppendKeyID(nil, id))
}

// addMember adds user n to workspace w, each of which is made when it is not
// there yet.
func (f *fixture) addMember(w, n int, role workspace.Role) workspace.Member {
	f.Helper()
	ws, u := testWorkspace(w), testUser(n)
	m := testMember(ws, u, role)
	f.change(func(tx workspace.ChangeTx) error {
		if _, err := tx.Workspace(f.ctx, workspace.WorkspaceLookup{Slug: ws.Slug}); err != nil {
			f.must(tx.InsertWorkspace(f.ctx, ws))
		}
		if _, err := tx.User(f.ctx, workspace.UserLookup{ID: u.ID}); err != nil {
			f.must(tx.InsertUser(f.ctx, u))
		}
		return tx.InsertMember(f.ctx, m)
	})
	return m
}

// addKeys adds keys from to to-1 of a member in one transaction, each as edit
// leaves it.
func (f *fixture) addKeys(owner workspace.Member, from, to int, edit func(n int, k *workspace.Key)) []workspace.Key {
	f.Helper()
	var keys []workspace.Key
	f.change(func(tx workspace.ChangeTx) error {
		for n := from; n < to; n++ {
			k := testKey(n, owner)
			if edit != nil {
				edit(n, &k)
			}
			if err := tx.InsertKey(f.ctx, k); err != nil {
				return err
			}
			keys = append(keys, k)
		}
		return nil
	})
	return keys
}

// revoke revokes a key, and reports whether k was its latest version.
func (f *fixture) revoke(k workspace.Key, by string, at time.Time) bool {
	f.Helper()
	err := f.Change(f.ctx, func(tx workspace.ChangeTx) error {
		return tx.UpdateKey(f.ctx, k, revoked(k, by, at))
	})
	if !errors.Is(err, workspace.ErrKeyChanged) {
		f.must(err)
	}
	return err == nil
}

// revoked returns a key as it is once it is revoked.
func revoked(k workspace.Key, by string, at time.Time) workspace.Key {
	k.RevokedAt, k.RevokedBy = at, by
	return k
}

var someIP = netip.MustParseAddr("2001:db8::1")
