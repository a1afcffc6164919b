package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"
)

// replacement is a way in which a database file is no longer what was opened.
type replacement int

const (
	fileMoved       replacement = iota // a path leads to another file, or to none
	fileOverwritten                    // other content in the same file
	logCut                             // the log has lost its end
)

// separateLimit is how long moving the log into the file may take.
const separateLimit = 10 * time.Second

// stop ends the use of the database.
func (f *sqliteFile) stop(how replacement, cause error) error {
	first, told := f.halt.stop(replacedMessage, cause)
	if first {
		f.replaced.Store(true)
		f.separate(how)
	}
	return told
}

// separate keeps the log of the file that was opened from the one that is at
// its path now: SQLite takes any log that it finds beside a file for that
// file's, and the next start would mix the two. What was acknowledged goes into
// the file that it belongs to, wherever that is now.
//
// When another process has written since all was last seen in its place,
// nobody can tell to which file that belongs, and all is left as it is.
func (f *sqliteFile) separate(how replacement) {
	stamp, ok := f.index.stamp()
	clean := f.clean.Load()
	if !ok || clean == nil || stamp != *clean || how == logCut {
		f.halt.log.Warn("write-ahead log left in its place", "path", f.path)
		return
	}
	places := map[string]place{}
	for _, side := range f.sides {
		places[side.path] = placeOf(side.path, side.info)
		if places[side.path] == placeTaken { // others have begun a log of their own
			return
		}
	}
	if how == fileMoved {
		if err := f.moveLog(); err != nil {
			f.halt.log.Error("write-ahead log could not be moved into its file", "error", err)
		}
		if placeOf(f.path, f.main) == placeKept { // it is one of the others that is gone
			return
		}
	}
	for _, side := range f.sides {
		if places[side.path] != placeKept {
			continue
		}
		aside := side.path + ".replaced-" + time.Now().UTC().Format("20060102T150405Z")
		if err := os.Rename(side.path, aside); err != nil {
			f.halt.log.Error("log of the replaced file could not be set aside", "error", err)
			continue
		}
		f.halt.log.Warn("log of the replaced file set aside", "path", aside)
	}
}

// moveLog moves all of the log into the file that was opened.
func (f *sqliteFile) moveLog() error {
	ctx, cancel := context.WithTimeout(context.Background(), separateLimit)
	defer cancel()
	var busy, frames, moved int
	err := f.keeper.QueryRowContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &frames, &moved)
	if err == nil && (busy != 0 || moved < frames) {
		err = errors.New("it is being read")
	}
	return err
}

// place is what is at the path of a file that was opened.
type place int

const (
	placeKept  place = iota // that file
	placeEmpty              // nothing
	placeTaken              // something else
)

func placeOf(path string, opened os.FileInfo) place {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return placeEmpty
	case err != nil || !os.SameFile(info, opened):
		return placeTaken
	}
	return placeKept
}
