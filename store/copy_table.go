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
)

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
		err = fmt.Errorf(
			"store: the copy of table %s differs (%d rows instead of %d, or other ones); nothing was copied",
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

// eachValues calls use with the values of each row, which are good until it
// returns.
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

// tableSum tells tables apart by their rows, in whatever order: the number of
// them, and the sum of their digests.
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
