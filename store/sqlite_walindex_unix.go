//go:build unix

package store

import (
	"encoding/binary"
	"os"
	"runtime"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/keylodge/keylodge/internal/workspace"
)

// walIndex is the mapped header of a WAL index: the first 48 bytes of the -shm
// file, which change with every commit of any process before it is acknowledged
// ("WAL-mode File Format", section 2.1).
type walIndex struct {
	header atomic.Pointer[mappedHeader] // nil: not mapped, or closed
	file   *walIndexFile
}

type mappedHeader struct{ words *[17]uint64 } // 136 bytes: two copies of the header, and what tells of checkpoints

// walIndexFile is a -shm file that this process has open. Closing any
// descriptor of a file drops every POSIX lock that the process holds on it,
// SQLite's own among them; so all Stores of the process share one descriptor,
// and the last to close, whose connections are closed by then, closes it.
type walIndexFile struct {
	*os.File
	info  os.FileInfo
	users int
}

// walIndexFiles are the open ones. sqliteFiles guards them.
var walIndexFiles []*walIndexFile

// mapWALIndex maps the file at path. When it can't, the index has no stamp.
func mapWALIndex(path string) *walIndex {
	index := &walIndex{file: openWALIndexFile(path)}
	if index.file == nil {
		return index
	}
	page, err := unix.Mmap(int(index.file.Fd()), 0, os.Getpagesize(), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return index
	}
	header := &mappedHeader{(*[17]uint64)(unsafe.Pointer(unsafe.SliceData(page)))}
	// Unmapped when no stamp can be in the middle of reading it, without a lock
	// on the path of every check.
	runtime.AddCleanup(header, func(page []byte) { unix.Munmap(page) }, page)
	index.header.Store(header)
	return index
}

// openWALIndexFile returns the file at path, and nil when there is none.
func openWALIndexFile(path string) *walIndexFile {
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	for _, f := range walIndexFiles {
		if os.SameFile(f.info, info) {
			f.users++
			return f
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	opened := &walIndexFile{File: f, info: info, users: 1}
	walIndexFiles = append(walIndexFiles, opened)
	return opened
}

// stamp returns what [Store.Stamp] does.
func (x *walIndex) stamp() (s workspace.Stamp, ok bool) {
	header := x.header.Load()
	if header == nil {
		return s, false
	}
	for i := range s {
		s[i] = atomic.LoadUint64(&header.words[i])
	}
	runtime.KeepAlive(header)
	return s, true
}

// Where the WAL index has what tells of the log and of checkpoints, in words of
// 8 bytes ("WAL-mode File Format", section 2).
const (
	pageWord      = 1  // szPage, in its second half
	framesWord    = 2  // mxFrame
	saltWord      = 4  // aSalt
	movedWord     = 12 // nBackfill
	attemptedWord = 16 // nBackfillAttempted
)

// checkpoints returns how far the log was moved into the database; false when
// there is no index to read it from.
func (x *walIndex) checkpoints() (c checkpoints, ok bool) {
	header := x.header.Load()
	if header == nil {
		return c, false
	}
	c.salt = atomic.LoadUint64(&header.words[saltWord])
	c.moved = firstHalf(atomic.LoadUint64(&header.words[movedWord]))
	c.attempted = firstHalf(atomic.LoadUint64(&header.words[attemptedWord]))
	runtime.KeepAlive(header)
	return c, true
}

// The bytes of the log before its first frame, and of a frame before its page
// ("Write-Ahead Log File Format", sections 4.1 and 4.2).
const (
	logHeader   = 32
	frameHeader = 24
)

// logLength returns how many bytes the log must have; 0 when nothing is known.
func (x *walIndex) logLength() int64 {
	header := x.header.Load()
	if header == nil {
		return 0
	}
	var page [8]byte
	binary.NativeEndian.PutUint64(page[:], atomic.LoadUint64(&header.words[pageWord]))
	frames := firstHalf(atomic.LoadUint64(&header.words[framesWord]))
	runtime.KeepAlive(header)
	size := int64(binary.NativeEndian.Uint16(page[6:]))
	if size == 1 { // stands for 65536, which 16 bits don't hold
		size = 1 << 16
	}
	if frames == 0 {
		return 0
	}
	return logHeader + int64(frames)*(frameHeader+size)
}

// firstHalf returns the first 4 bytes of a word as the machine's own order has
// them, in which the WAL index is.
func firstHalf(word uint64) uint32 {
	var b [8]byte
	binary.NativeEndian.PutUint64(b[:], word)
	return binary.NativeEndian.Uint32(b[:4])
}

// close forgets the mapping. SQLite's connections to the file must be closed,
// and sqliteFiles held.
func (x *walIndex) close() {
	x.header.Store(nil)
	if x.file == nil {
		return
	}
	if x.file.users--; x.file.users > 0 {
		return
	}
	x.file.Close()
	for i, f := range walIndexFiles {
		if f == x.file {
			walIndexFiles = append(walIndexFiles[:i], walIndexFiles[i+1:]...)
			return
		}
	}
}
