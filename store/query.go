package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/keylodge/keylodge/internal/workspace"
)

// querier is what *sql.DB and *sql.Tx have in common.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// reader implements [workspace.Reader] for the Store and for its transactions.
type reader struct {
	q       querier
	explain func(error) string
	failed  *error           // of a transaction: its first failure, after which no more statements run
	stale   func(error) bool // outside of transactions: whether a connection had died, so that another should be asked
}

// query runs a statement that returns rows.
func (r reader) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if r.failed != nil && *r.failed != nil {
		return nil, *r.failed
	}
	args = storable(args)
	rows, err := r.q.QueryContext(ctx, text, args...)
	for tries := 0; err != nil && r.stale != nil && r.stale(err) && tries < postgresReaders; tries++ {
		rows, err = r.q.QueryContext(ctx, text, args...)
	}
	return rows, r.fail(err)
}

// exec runs a statement that returns no rows, and returns how many it has
// changed.
func (r reader) exec(ctx context.Context, text string, args ...any) (int64, error) {
	if r.failed != nil && *r.failed != nil {
		return 0, *r.failed
	}
	result, err := r.q.ExecContext(ctx, text, storable(args)...)
	if err != nil {
		return 0, r.fail(err)
	}
	n, err := result.RowsAffected()
	return n, r.fail(err)
}

// fail translates err and lets nothing more run in its transaction: after a
// full disk SQLite may have undone the transaction already, and what ran next
// would be kept on its own.
func (r reader) fail(err error) error {
	err = r.translate(err)
	if err != nil && r.failed != nil && *r.failed == nil {
		*r.failed = err
	}
	return err
}

// queryAll returns a T for each row. columns returns where the columns of a row
// go.
func queryAll[T any](ctx context.Context, r reader, columns func(*T) []any, text string, args ...any) ([]T, error) {
	rows, err := r.query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		var one T
		if err := rows.Scan(columns(&one)...); err != nil {
			return nil, r.fail(err)
		}
		all = append(all, one)
	}
	return all, r.fail(errors.Join(rows.Err(), rows.Close()))
}

// queryOne returns the first row, and [workspace.ErrNotFound] when there is
// none.
func queryOne[T any](ctx context.Context, r reader, columns func(*T) []any, text string, args ...any) (T, error) {
	all, err := queryAll(ctx, r, columns, text, args...)
	if err == nil && len(all) == 0 {
		err = workspace.ErrNotFound
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}

// single is the columns of a row that has one.
func single[T any](v *T) []any { return []any{v} }

// containing is the pattern of LIKE for texts with a text in them.
func containing(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}

// storable mends texts that PostgreSQL would refuse and SQLite cut short: a
// browser may call itself anything, and a stranger may type anything as an
// address. Bytes that are not UTF-8, and NUL, become U+FFFD.
func storable(args []any) []any {
	for i, arg := range args {
		if s, ok := arg.(string); ok {
			if mended := mend(s); mended != s {
				args[i] = mended
			}
		}
	}
	return args
}

func mend(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// inserted turns "no row was inserted" into a conflict with the message.
func inserted(n int64, err error, message string) error {
	if err == nil && n == 0 {
		return &workspace.Error{Kind: workspace.Conflict, Message: message}
	}
	return err
}

// found turns "no row was changed" into [workspace.ErrNotFound].
func found(n int64, err error) error {
	if err == nil && n == 0 {
		return workspace.ErrNotFound
	}
	return err
}
