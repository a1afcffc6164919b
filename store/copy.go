package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/keylodge/keylodge/workspace"
)

// copiedTables are all tables but schema_migrations, each after those that it refers to.
var copiedTables = []string{
	"workspaces", "users", "members", "keys", "last_uses", "key_hours", "usage_batches", "change_counter", "changes",
	"sessions", "one_time_tokens", "throttles", "known_devices", "events",
}

// CopiedTable is a table that was copied, and how many rows it has.
type CopiedTable struct {
	Name string
	Rows int
}

// CopyTo makes target, a migrated database, hold what s holds, as of one moment, and nothing else. It is one
// transaction of target, and is committed only when each table has the same rows in both, by their number and by a
// digest. It returns a [workspace.Error] of kind Conflict when target is neither empty nor an earlier copy of s, or
// has been changed since: then nothing is copied.
func (s *Store) CopyTo(ctx context.Context, target *Store) (copied []CopiedTable, err error) {
	err = s.snapshot(ctx, func(from reader) error {
		return target.in(ctx, target.engine.write, func(to reader) error {
			if err := mayReplace(ctx, from, to); err != nil {
				return err
			}
			for _, table := range slices.Backward(copiedTables) {
				if _, err := to.exec(ctx, `DELETE FROM `+table); err != nil {
					return err
				}
			}
			copied = nil
			for _, table := range copiedTables {
				n, err := copyTable(ctx, from, to, table)
				if err != nil {
					return err
				}
				copied = append(copied, CopiedTable{table, n})
			}
			return nil
		})
	})
	if err == nil {
		target.engine.changed()
	}
	return copied, err
}

// mayReplace says whether a target holds nothing of its own. Change numbers are partly random: one that the source's
// history knows was copied from it, and nothing that a key depends on has been changed at the target since.
//
// It takes the counter's row first, so that nothing is changed there until the copy is done.
func mayReplace(ctx context.Context, from, to reader) error {
	if _, err := to.exec(ctx, `UPDATE change_counter SET number = number`); err != nil {
		return err
	}
	some, err := to.Workspaces(ctx, 1)
	if err != nil || len(some) == 0 {
		return err
	}
	number, err := queryOne(ctx, to, single[int64], newestNumber)
	if err != nil {
		return err
	}
	own, err := hasOwnEvents(ctx, from, to)
	if err != nil {
		return err
	}
	if own {
		return errNoCopy
	}
	newest, err := queryOne(ctx, from, single[int64], newestNumber)
	if err != nil || number == newest {
		return err
	}
	known, err := from.knowsChange(ctx, number)
	if err == nil && !known {
		return errNoCopy
	}
	return err
}

var errNoCopy = &workspace.Error{Kind: workspace.Conflict, Message: "The target is another installation, or has been changed since it was copied. " +
	"Nothing was copied. To copy all the same, empty it first."}

// hasOwnEvents says whether the target's audit trail tells of anything but sign-ins that the source's does not.
func hasOwnEvents(ctx context.Context, from, to reader) (bool, error) {
	own := map[string]bool{}
	ids := func(use func(id string)) func([]any) error {
		return func(values []any) error {
			use(fmt.Sprint(values[0]))
			return nil
		}
	}
	err := to.eachValues(ctx, `SELECT id FROM events WHERE action NOT LIKE 'session.%'`, 1, ids(func(id string) { own[id] = true }))
	if err == nil && len(own) > 0 {
		err = from.eachValues(ctx, `SELECT id FROM events`, 1, ids(func(id string) { delete(own, id) }))
	}
	return len(own) > 0, err
}

// copyTable copies a table and compares the copy with it.
func copyTable(ctx context.Context, from, to reader, table string) (int, error) {
	var read, written tableSum
	columns, err := from.columnsOf(ctx, table)
	if err != nil {
		return 0, err
	}
	targetColumns, err := to.columnsOf(ctx, table)
	if err != nil {
		return 0, err
	}
	selectAll := `SELECT ` + strings.Join(columns.names, ", ") + ` FROM ` + table
	insert := batch{to: to, table: table, columns: columns.names, booleans: targetColumns.booleans(columns.names)}
	err = from.eachValues(ctx, selectAll, len(columns.names), func(values []any) error {
		read.add(values)
		return insert.add(ctx, values)
	})
	if err == nil {
		err = insert.flush(ctx)
	}
	if err == nil {
		err = to.eachValues(ctx, selectAll, len(columns.names), func(values []any) error {
			written.add(values)
			return nil
		})
	}
	if err == nil && read != written {
		err = fmt.Errorf("store: the copy of table %s is not what it was copied from: %d rows instead of %d, or other ones; nothing was copied",
			table, written.rows, read.rows)
	}
	return read.rows, err
}

// tableColumns are the columns of a table and, by name, their types.
type tableColumns struct {
	names []string
	types map[string]string
}

func (r reader) columnsOf(ctx context.Context, table string) (c tableColumns, err error) {
	rows, err := r.query(ctx, `SELECT * FROM `+table+` LIMIT 0`)
	if err != nil {
		return c, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	c.types = map[string]string{}
	for _, t := range types {
		c.names = append(c.names, t.Name())
		c.types[t.Name()] = t.DatabaseTypeName()
	}
	slices.Sort(c.names)
	return c, r.fail(errors.Join(err, rows.Err()))
}

func (c tableColumns) booleans(names []string) (are []bool) {
	for _, name := range names {
		are = append(are, strings.HasPrefix(c.types[name], "BOOL"))
	}
	return are
}

// eachValues calls use with the values of each row, which are good until it returns.
func (r reader) eachValues(ctx context.Context, query string, columns int, use func([]any) error) error {
	values, places := make([]any, columns), make([]any, columns)
	for i := range values {
		places[i] = &values[i]
	}
	return r.eachRow(ctx, func(rows *sql.Rows) error {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		return use(values)
	}, query)
}

// batch inserts rows many at a time.
type batch struct {
	to       reader
	table    string
	columns  []string
	booleans []bool
	values   []any
}

// batchValues bounds the parameters of one statement.
const batchValues = 1000

func (b *batch) add(ctx context.Context, values []any) error {
	for i, v := range values {
		if n, ok := v.(int64); ok && b.booleans[i] { // SQLite knows no other
			v = n != 0
		}
		if bytes, ok := v.([]byte); ok {
			v = slices.Clone(bytes)
		}
		b.values = append(b.values, v)
	}
	if len(b.values)+len(values) > batchValues {
		return b.flush(ctx)
	}
	return nil
}

func (b *batch) flush(ctx context.Context) error {
	if len(b.values) == 0 {
		return nil
	}
	rows := places(len(b.values)/len(b.columns), len(b.columns))
	_, err := b.to.exec(ctx, `INSERT INTO `+b.table+` (`+strings.Join(b.columns, ", ")+`) VALUES `+rows, b.values...)
	b.values = b.values[:0]
	return err
}

// tableSum tells tables apart by their rows, in whatever order: the number of them, and the sum of their digests.
type tableSum struct {
	rows int
	sum  [4]uint64
}

func (s *tableSum) add(values []any) {
	h := sha256.New()
	for _, v := range values {
		var text []byte
		switch v := v.(type) {
		case nil:
			text = []byte("null")
		case bool:
			text = strconv.AppendInt([]byte("int "), int64(map[bool]int{true: 1}[v]), 10)
		case int64:
			text = strconv.AppendInt([]byte("int "), v, 10)
		case string:
			text = append([]byte("text "), v...)
		case []byte:
			text = append([]byte("bytes "), v...)
		default:
			text = fmt.Appendf(nil, "%T %v", v, v)
		}
		h.Write(binary.AppendUvarint(nil, uint64(len(text))))
		h.Write(text)
	}
	digest := h.Sum(nil)
	for i := range s.sum {
		s.sum[i] += binary.LittleEndian.Uint64(digest[8*i:])
	}
	s.rows++
}
