package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// sqliteFile is a database file and the two beside it, as they were when they
// were opened. SQLite goes on with the files that it has open, whatever their
// paths lead to by now: what it writes there, no other process sees, and the
// next start does not find.
type sqliteFile struct {
	halt  *halt
	path  string      // absolute
	main  os.FileInfo // what path led to
	sides []sideFile  // those that there were
	index *walIndex   // tells nothing until the connections are open

	keeper   *sql.Conn // nobody else uses it
	replaced atomic.Bool
	clean    atomic.Pointer[workspace.Stamp] // of the log when all files were last seen in their places

	mu      sync.Mutex
	content content
}

// sideFile is a write-ahead log or its index.
type sideFile struct {
	path  string
	info  os.FileInfo
	isLog bool
}

// content tells what of a database file only a checkpoint changes.
type content struct {
	size        int64
	modified    time.Time
	checkpoints checkpoints
}

const replacedMessage = "The database file was replaced while Keylodge was running. " +
	"Restart Keylodge to use the new one."

// watchSQLiteFile notes which file is at a path, before it is opened.
func watchSQLiteFile(path string, h *halt) (*sqliteFile, error) {
	f := &sqliteFile{halt: h, path: path, index: new(walIndex)}
	var err error
	if f.main, err = os.Stat(path); err != nil {
		return nil, unavailable(unreadableMessage, err)
	}
	return f, nil
}

const unreadableMessage = "The database file can't be opened. Check that its folder exists and may be written to."

// opened notes the files beside it, once connections have opened them.
func (f *sqliteFile) opened(keeper *sql.Conn) {
	f.keeper = keeper
	path := f.path
	if real, err := filepath.EvalSymlinks(path); err == nil { // SQLite puts them beside the file that a link leads to
		path = real
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if info, err := os.Stat(path + suffix); err == nil {
			f.sides = append(f.sides, sideFile{path + suffix, info, suffix == "-wal"})
		}
	}
	f.index = mapWALIndex(path + "-shm")
	f.committed()
}

// committed notes that everything in the log so far belongs to the open file.
func (f *sqliteFile) committed() {
	if stamp, ok := f.index.stamp(); ok {
		f.clean.Store(&stamp)
	}
}

// stamp returns what [Store.Stamp] does.
func (f *sqliteFile) stamp() (workspace.Stamp, bool) {
	if f.halt.check() != nil {
		return workspace.Stamp{}, false
	}
	return f.index.stamp()
}

// check stops the use of the database when the files at its paths are not the
// open ones, or another program than SQLite has written to it. It costs a few
// microseconds.
func (f *sqliteFile) check() error {
	if err := f.halt.check(); err != nil {
		return err
	}
	stamp, _ := f.index.stamp()
	if err := f.checkMain(); err != nil {
		return err
	}
	for _, side := range f.sides {
		least := f.index.logLength()
		info, err := f.same(side.path, side.info)
		if err != nil {
			return err
		}
		if side.isLog && info.Size() < least && f.index.logLength() == least {
			return f.stop(logCut, fmt.Errorf("%s was cut off at %d of %d bytes", side.path, info.Size(), least))
		}
	}
	err := f.checkContent()
	if err == nil {
		f.clean.Store(&stamp)
	}
	return err
}

func (f *sqliteFile) checkMain() error {
	_, err := f.same(f.path, f.main)
	return err
}

// same returns what is known of the file at a path, which must be the one that
// was opened.
func (f *sqliteFile) same(path string, opened os.FileInfo) (os.FileInfo, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR):
		return nil, f.stop(fileMoved, err)
	case err != nil: // it may be there again
		return nil, unavailable(unreadableMessage, err)
	case !os.SameFile(info, opened):
		return nil, f.stop(fileMoved, fmt.Errorf("%s is not the file that was opened", path))
	}
	return info, nil
}

// checkContent notices that a file was written over in place, as by cp. Only
// checkpoints write to a database in WAL mode, and the WAL index tells of them.
func (f *sqliteFile) checkContent() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	before, ok := f.index.checkpoints()
	if !ok {
		return nil
	}
	info, err := f.same(f.path, f.main)
	if err != nil {
		return err
	}
	after, _ := f.index.checkpoints()
	now := content{info.Size(), info.ModTime(), after}
	last := f.content
	switch {
	case before != after || after.running():
		f.content = content{} // nothing can be told until it is over
	case last == content{} || last.checkpoints != after:
		f.content = now
	case last != now:
		return f.stop(fileOverwritten, fmt.Errorf("%s was written to by another program", f.path))
	}
	return nil
}

// checkpoints tells how far the write-ahead log was moved into the database.
type checkpoints struct {
	salt             uint64 // of the log, which is another one when it begins again
	moved, attempted uint32 // frames
}

// running reports whether a checkpoint is at work, or was broken off.
func (c checkpoints) running() bool { return c.moved != c.attempted }

// sqliteConnector makes connections to the file that was opened first, and no
// other.
type sqliteConnector struct {
	driver.Connector
	file *sqliteFile
}

// Connect implements [driver.Connector].
func (c sqliteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	if err := c.file.checkMain(); err != nil {
		return nil, err
	}
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.file.checkMain(); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}
