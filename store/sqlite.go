package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const sqliteReaders = 4

// Every connection is told all of this, whenever the pool opens it. The first
// must be busy_timeout: the others may meet a lock.
var (
	sqliteBoth   = []string{"busy_timeout(5000)", "foreign_keys(ON)", "trusted_schema(OFF)"}
	sqliteWriter = append(sqliteBoth, "journal_mode(WAL)", "synchronous(FULL)", "journal_size_limit(67108864)",
		"temp_store(MEMORY)")
	sqliteReader = append(sqliteBoth, "query_only(ON)")
)

// sqliteFiles lets one Store at a time open or close its file, for
// walIndexFiles' sake.
var sqliteFiles sync.Mutex

func openSQLite(ctx context.Context, path string, h *halt) (*engine, error) {
	sqliteFiles.Lock()
	defer sqliteFiles.Unlock()

	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := createPrivate(path); err != nil {
		return nil, unavailable("The database file can't be made. Check that its folder exists and may be written to.",
			err)
	}
	file, err := watchSQLiteFile(path, h)
	if err != nil {
		return nil, err
	}
	write := openSQLitePool(file, 1, sqliteWriter)
	read := openSQLitePool(file, sqliteReaders+1, sqliteReader)
	writer, keeper, err := keepOpen(ctx, write, read)
	if err != nil {
		return nil, errors.Join(reader{explain: explainSQLite}.translate(err), read.Close(), write.Close())
	}
	notStale := func(error) bool { return false }
	file.opened(keeper)
	shared := &sharedCommits{statements: newPrepared(writer), file: file, log: h.log}
	e := &engine{
		queries:  newPrepared(read),
		snapshot: alone(read, &sql.TxOptions{ReadOnly: true}, notStale),
		write:    shared.transact,
		explain:  explainSQLite,
		stale:    notStale,
		changed:  func() {}, // the WAL index tells

		selfCheck:     `PRAGMA quick_check`,
		migrationLock: `SELECT 1`, // a write transaction is alone from its beginning
		foreign: `
			SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
				AND NOT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations')`,
	}
	e.stamp = file.stamp
	e.watch = func() { file.check() } // which stops the use of it
	e.close = func() error {
		sqliteFiles.Lock()
		defer sqliteFiles.Unlock()
		if file.replaced.Load() { // closing, SQLite would move the log into, and delete, what is there instead
			return nil
		}
		err := errors.Join(read.Close(), keeper.Close(), shared.statements.close(), writer.Close(), write.Close())
		file.index.close()
		return err
	}
	return e, nil
}

// createPrivate makes a file that only its owner may read. SQLite gives the
// same mode to the files beside it. A file that exists is not opened: closing
// it would drop the locks that this process holds on it (fcntl(2), "Record
// locking").
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

func openSQLitePool(file *sqliteFile, size int, pragmas []string) *sql.DB {
	location := url.URL{Scheme: "file", Path: filepath.ToSlash(file.path)}
	if !strings.HasPrefix(location.Path, "/") {
		location.Path = "/" + location.Path // file:///C:/…
	}
	query := url.Values{"_pragma": pragmas, "_dqs": {"0"}, "_error_rc": {"1"}}
	connector, err := sqlite.NewConnector(location.String() + "?" + query.Encode())
	if err != nil {
		panic(err) // a pool is only described here; this can't depend on the file
	}
	db := sql.OpenDB(sqliteConnector{connector, file})
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db
}

const noWALMessage = "The database file can't be used: its file system has no shared memory, which SQLite's WAL mode " +
	"wants. Put it on a local disk."

// keepOpen puts the file into WAL mode and returns two connections: the one
// that writes, and one that nothing else uses. While the latter is open SQLite
// does not remove the WAL index, though the pool may drop every other
// connection: the index that [Store.Stamp] has mapped stays the one in use.
func keepOpen(ctx context.Context, write, read *sql.DB) (writer, keeper *sql.Conn, err error) {
	if writer, err = write.Conn(ctx); err != nil {
		return nil, nil, err
	}
	var mode string
	if err := writer.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode); err != nil {
		return nil, nil, errors.Join(err, writer.Close())
	}
	if mode != "wal" {
		err := unavailable(noWALMessage, errors.New("journal mode is "+mode))
		return nil, nil, errors.Join(err, writer.Close())
	}
	if keeper, err = read.Conn(ctx); err != nil {
		return nil, nil, errors.Join(err, writer.Close())
	}
	var tables int
	if err := keeper.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_schema`).Scan(&tables); err != nil {
		return nil, nil, errors.Join(err, keeper.Close(), writer.Close())
	}
	return writer, keeper, nil
}

// sqliteMessages says to people what SQLite's result codes mean for them.
var sqliteMessages = map[int]string{
	sqlite3.SQLITE_BUSY:     "The database is busy with other work. Nothing was changed; try again in a moment.",
	sqlite3.SQLITE_LOCKED:   "The database is busy with other work. Nothing was changed; try again in a moment.",
	sqlite3.SQLITE_PROTOCOL: "The database is busy with other work. Nothing was changed; try again in a moment.",
	sqlite3.SQLITE_FULL:     "The disk of the database is full. Nothing was changed; make room, then try again.",
	sqlite3.SQLITE_READONLY: "The database file may be read but not written. " +
		"Nothing was changed; check the file's permissions.",
	sqlite3.SQLITE_PERM:     "The database file may not be used. Nothing was changed; check the file's permissions.",
	sqlite3.SQLITE_CANTOPEN: "The database file can't be opened. Check that its folder exists and may be written to.",
	sqlite3.SQLITE_IOERR:    "The disk of the database reports an error. Nothing was changed; check the disk.",
	sqlite3.SQLITE_NOMEM:    "The database is out of memory. Nothing was changed; try again in a moment.",
	sqlite3.SQLITE_CORRUPT:  "The database file is damaged. Restore it from a backup.",
	sqlite3.SQLITE_NOTADB:   "This file is no Keylodge database. Check its name.",
}

func explainSQLite(err error) string {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return sqliteMessages[e.Code()&0xff] // without the extended part
	}
	return ""
}
