package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

var errTest = errors.New("the test's own error")

var transactionTests = map[string]func(*fixture){
	"a change takes the next number": func(f *fixture) {
		before := f.number()
		f.addMember(1, 1, workspace.RoleOwner)
		equal(f, "the number moved", f.number() > before, true)
	},
	"an update takes no number": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		before := f.number()
		f.update(func(tx workspace.Tx) error { return tx.InsertSession(f.ctx, testSession(1, m)) })
		equal(f, "number", f.number(), before)
	},
	"an error undoes everything and is returned as it is": func(f *fixture) {
		before := f.number()
		err := f.Change(f.ctx, func(tx workspace.ChangeTx) error {
			f.must(tx.InsertWorkspace(f.ctx, testWorkspace(1)))
			return errTest
		})
		equal(f, "error", err, errTest)
		f.nothingOf(1, before)
	},
	"nothing changed undoes everything and is no error": func(f *fixture) {
		before := f.number()
		f.change(func(tx workspace.ChangeTx) error {
			f.must(tx.InsertWorkspace(f.ctx, testWorkspace(1)))
			return workspace.ErrNothingChanged
		})
		f.nothingOf(1, before)
		token := workspace.OneTimeToken{Digest: secret.DigestOf("once"), Purpose: workspace.PurposeSetup,
			CreatedAt: time.Unix(1, 0)}
		f.must(f.Update(f.ctx, func(tx workspace.Tx) error {
			f.must(tx.InsertOneTimeToken(f.ctx, token))
			return workspace.ErrNothingChanged
		}))
		_, err := f.OneTimeToken(f.ctx, token.Purpose, token.Digest)
		equal(f, "error", err, error(workspace.ErrNotFound))
	},
	"a panic undoes everything and goes on": func(f *fixture) {
		before := f.number()
		func() {
			defer func() { equal[any](f, "panic", recover(), "boom") }()
			f.Change(f.ctx, func(tx workspace.ChangeTx) error {
				f.must(tx.InsertWorkspace(f.ctx, testWorkspace(1)))
				panic("boom")
			})
		}()
		f.nothingOf(1, before)
		f.addMember(1, 1, workspace.RoleOwner) // the writer is free again
	},
	"the end of the context undoes everything": func(f *fixture) {
		before := f.number()
		ctx, cancel := context.WithCancel(f.ctx)
		err := f.Change(ctx, func(tx workspace.ChangeTx) error {
			f.must(tx.InsertWorkspace(ctx, testWorkspace(1)))
			cancel()
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			f.Fatalf("got %v, want the context's error", err)
		}
		f.nothingOf(1, before)
	},
	"a statement after the end of the context says so": func(f *fixture) {
		before := f.number()
		ctx, cancel := context.WithCancel(f.ctx)
		err := f.Change(ctx, func(tx workspace.ChangeTx) error {
			cancel()
			for { // until the transaction has been undone, which takes a moment
				if _, err := tx.Workspaces(f.ctx, workspace.WorkspaceFilter{Limit: 1}); err != nil {
					return err
				}
			}
		})
		if !errors.Is(err, context.Canceled) || workspace.KindOf(err) != workspace.Unavailable {
			f.Fatalf("got %v, want the context's error, for people", err)
		}
		f.nothingOf(1, before)
	},
	"a context that is over is not available": func(f *fixture) {
		ctx, cancel := context.WithCancel(f.ctx)
		cancel()
		_, err := f.ChangeNumber(ctx)
		f.kind(err, workspace.Unavailable)
		f.kind(f.Update(ctx, func(workspace.Tx) error { return nil }), workspace.Unavailable)
	},
	"a statement that failed spoils its transaction, though the error is passed over": func(f *fixture) {
		before := f.number()
		err := f.Change(f.ctx, func(tx workspace.ChangeTx) error {
			f.must(tx.InsertWorkspace(f.ctx, testWorkspace(1)))
			tx.InsertKey(f.ctx, testKey(1, workspace.Member{WorkspaceID: "ws_none", UserID: "usr_none"}))
			return nil
		})
		if err == nil {
			f.Fatal("a transaction with a failed statement was committed")
		}
		f.nothingOf(1, before)
	},
	"a conflict does not spoil its transaction": func(f *fixture) {
		f.addMember(1, 1, workspace.RoleOwner)
		f.change(func(tx workspace.ChangeTx) error {
			f.kind(tx.InsertWorkspace(f.ctx, testWorkspace(1)), workspace.Conflict)
			return tx.InsertWorkspace(f.ctx, testWorkspace(2))
		})
		_, err := f.Workspace(f.ctx, workspace.WorkspaceLookup{Slug: testWorkspace(2).Slug})
		f.must(err)
	},
	"a transaction reads what it has written, and others do not": func(f *fixture) {
		f.change(func(tx workspace.ChangeTx) error {
			f.must(tx.InsertWorkspace(f.ctx, testWorkspace(1)))
			_, err := tx.Workspace(f.ctx, workspace.WorkspaceLookup{Slug: testWorkspace(1).Slug})
			f.must(err)
			_, err = f.Workspace(f.ctx, workspace.WorkspaceLookup{Slug: testWorkspace(1).Slug})
			f.kind(err, workspace.NotFound)
			return nil
		})
		_, err := f.Workspace(f.ctx, workspace.WorkspaceLookup{Slug: testWorkspace(1).Slug})
		f.must(err)
	},
	"another process sees a commit at once": func(f *fixture) {
		other := f.open()
		for n := range 50 {
			f.change(func(tx workspace.ChangeTx) error { return tx.InsertWorkspace(f.ctx, testWorkspace(n)) })
			_, err := other.Workspace(f.ctx, workspace.WorkspaceLookup{Slug: testWorkspace(n).Slug})
			f.must(err)
			number, err := other.ChangeNumber(f.ctx)
			f.must(err)
			equal(f, "the other's number", number, f.number())
		}
	},
	"a stamp differs after every commit of any process": func(f *fixture) {
		other := f.open()
		before, ok := f.Stamp()
		if !ok {
			f.Skip("this engine has no stamp")
		}
		m := f.addMember(1, 1, workspace.RoleOwner)
		for n := range 100 {
			for _, writer := range []Store{f.Store, other} {
				f.must(writer.Update(f.ctx, func(tx workspace.Tx) error {
					return tx.InsertKnownDevice(f.ctx, workspace.KnownDevice{
						UserID: m.UserID, Digest: secret.DigestOf(fmt.Sprint(n, writer == other)), CreatedAt: epoch,
					}, 10)
				}))
				after, ok := f.Stamp()
				if !ok || after == before {
					f.Fatalf("commit %d: the stamp is %v as before", n, after)
				}
				before = after
			}
		}
		if again, _ := f.Stamp(); again != before {
			f.Fatal("the stamp changed without a commit")
		}
	},
}

// nothingOf fails the test when workspace n is there or a number was used.
func (f *fixture) nothingOf(n int, number int64) {
	f.Helper()
	_, err := f.Workspace(f.ctx, workspace.WorkspaceLookup{Slug: testWorkspace(n).Slug})
	f.kind(err, workspace.NotFound)
	equal(f, "number", f.number(), number)
}
