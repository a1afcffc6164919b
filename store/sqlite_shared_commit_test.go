//go:build unix

package store

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/keylodge/keylodge/internal/workspace"
)

// sharedRows is a table that one connection writes to.
type sharedRows struct {
	*testing.T
	*sharedCommits
}

// newSharedRows makes n rows.
func newSharedRows(t *testing.T, n int) sharedRows {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.db")
	if err := createPrivate(path); err != nil {
		t.Fatal(err)
	}
	file, err := watchSQLiteFile(path, &halt{log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	pool := openSQLitePool(file, 1, sqliteWriter)
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := sharedRows{t, &sharedCommits{statements: newPrepared(conn), file: file}}
	t.Cleanup(func() {
		if err := errors.Join(r.statements.close(), conn.Close(), pool.Close()); err != nil {
			t.Error(err)
		}
	})
	err = r.transact(t.Context(), func(q querier) error {
		_, err := q.ExecContext(t.Context(), `
			CREATE TABLE rows (id TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, filler TEXT NOT NULL)`)
		for i := 0; i < n && err == nil; i++ {
			_, err = q.ExecContext(t.Context(), `INSERT INTO rows (id, value, filler) VALUES ($1, '', $2)`, i,
				strings.Repeat("-", 2000))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// set sets the first n rows to a value, one statement each.
func (r sharedRows) set(q querier, n int, value string) error {
	for i := range n {
		_, err := queryAll(r.Context(), reader{q: q, explain: explainSQLite}, single[string],
			`UPDATE rows SET value = $2 WHERE id = $1 RETURNING id`, i, value)
		if err != nil {
			return err
		}
	}
	return nil
}

// with counts the rows that have a value.
func (r sharedRows) with(value string) (n int) {
	r.Helper()
	err := r.transact(r.Context(), func(q querier) (err error) {
		n, err = queryOne(r.Context(), reader{q: q, explain: explainSQLite}, single[int],
			`SELECT COUNT(*) FROM rows WHERE value = $1`, value)
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
	return n
}

// together runs second in the transaction that first has begun, and returns
// what each came to.
func (r sharedRows) together(first, second func(querier) error) (errFirst, errSecond error) {
	done := make(chan struct{})
	errFirst = r.transact(r.Context(), func(q querier) error {
		go func() {
			defer close(done)
			errSecond = r.transact(context.WithoutCancel(r.Context()), second)
		}()
		for r.waiting.Load() == 0 {
			runtime.Gosched()
		}
		return first(q)
	})
	<-done
	return errFirst, errSecond
}

var errOwn = errors.New("the function's own error")

// A function that fails takes nothing of the others with it.
func TestSharedCommitUndoesAFunctionAlone(t *testing.T) {
	for _, test := range []struct {
		name          string
		first, second error
	}{{"the first", errOwn, nil}, {"the second", nil, errOwn}, {"both", errOwn, errOwn}, {"none", nil, nil}} {
		t.Run(test.name, func(t *testing.T) {
			r := newSharedRows(t, 2*maxUndoable)
			errFirst, errSecond := r.together(
				func(q querier) error { return errors.Join(r.set(q, 1, "first"), test.first) },
				func(q querier) error { return errors.Join(r.set(q, maxUndoable, "second"), test.second) })
			if !errors.Is(errFirst, test.first) || !errors.Is(errSecond, test.second) {
				t.Errorf("got %v and %v, want %v and %v", errFirst, errSecond, test.first, test.second)
			}
			want := map[string]int{"first": 1, "second": 0}
			if test.first != nil {
				want["first"] = 0
			}
			if test.second == nil {
				want["second"], want["first"] = maxUndoable, 0 // it sets the row again
			}
			for value, n := range want {
				if got := r.with(value); got != n {
					t.Errorf("%d rows of the %s, want %d", got, value, n)
				}
			}
		})
	}
}

// A long function that fails takes the others with it: each is told that
// nothing was changed.
func TestSharedCommitFailsWithALongFunction(t *testing.T) {
	r := newSharedRows(t, 2*maxUndoable)
	errFirst, errSecond := r.together(
		func(q querier) error { return r.set(q, 1, "first") },
		func(q querier) error { return errors.Join(r.set(q, maxUndoable+1, "second"), errOwn) })
	for _, err := range []error{errFirst, errSecond} {
		if workspace.KindOf(err) != workspace.Unavailable {
			t.Errorf("got %v, want an unavailable database", err)
		}
	}
	for _, value := range []string{"first", "second"} {
		if n := r.with(value); n != 0 {
			t.Errorf("%d rows of the %s are changed", n, value)
		}
	}
	if err := r.transact(t.Context(), func(q querier) error { return r.set(q, 3, "next") }); err != nil ||
		r.with("next") != 3 {
		t.Errorf("the next transaction: %v", err)
	}
}

// The cost of a statement does not grow with those before it, whether or not
// others share the transaction.
func TestSharedCommitGrowsLinearly(t *testing.T) {
	t.Parallel()
	const few, times = 600, 5
	for name, alone := range map[string]bool{"alone": true, "after another": false} {
		t.Run(name, func(t *testing.T) {
			cost := func(n int) time.Duration {
				r := newSharedRows(t, n)
				var took time.Duration
				long := func(q querier) error {
					began := processorTime(t)
					err := r.set(q, n, "long")
					took = processorTime(t) - began
					return err
				}
				errFirst, errSecond := error(nil), error(nil)
				if alone {
					errFirst = r.transact(t.Context(), long)
				} else {
					errFirst, errSecond = r.together(func(querier) error { return nil }, long)
				}
				if err := errors.Join(errFirst, errSecond); err != nil || r.with("long") != n {
					t.Fatal(err)
				}
				return took
			}
			short := min(cost(few), cost(few), cost(few))
			if long := min(cost(times*few), cost(times*few)); long > 3*times*short {
				t.Errorf("%d statements took %v, and %d took %v", few, short, times*few, long)
			}
		})
	}
}

// processorTime is how long the process has computed, which other processes
// change little.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
