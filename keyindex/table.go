package keyindex

import (
	"encoding/binary"
	"time"

	"github.com/keylodge/keylodge/workspace"
)

// table maps digests to records. It holds no pointers but the few to its chunks, so that the garbage
// collector has nothing to follow however many keys there are: open addressing over 8-byte slots, each a
// fingerprint and a place in the slab. Keys are never taken out: a revoked key is a record that says so.
type table struct {
	slots   []uint64 // 32 bits of the digest, 32 bits of a record's number plus one; 0: empty
	mask    uint64
	chunks  []*[chunkLength]record
	count   uint32
	names   []byte // the names of all keys, one after another
	members members
}

const (
	chunkLength = 1 << 12
	smallest    = 1 << 10 // slots
)

// record is 64 bytes: one line of the processor's cache.
type record struct {
	digest     workspace.Digest
	expires    int64 // microseconds since 1970; 0: never
	id         [workspace.IDBytes]byte
	member     uint32 // the owner's number in members
	nameAt     uint32
	nameLength uint16
	revoked    bool
}

func newTable() *table {
	return &table{slots: make([]uint64, smallest), mask: smallest - 1, members: newMembers()}
}

func (t *table) record(number uint32) *record {
	return &t.chunks[number/chunkLength][number%chunkLength]
}

// find returns the record of a digest, or nil.
func (t *table) find(digest *workspace.Digest) *record {
	hash := binary.LittleEndian.Uint64(digest[:])
	for i := hash & t.mask; t.slots[i] != 0; i = (i + 1) & t.mask {
		if slot := t.slots[i]; slot>>32 == hash>>32 {
			if r := t.record(uint32(slot) - 1); r.digest == *digest {
				return r
			}
		}
	}
	return nil
}

// add makes room for a digest that is not there yet.
func (t *table) add(digest *workspace.Digest) *record {
	if uint64(t.count)*4 >= uint64(len(t.slots))*3 {
		t.grow()
	}
	if t.count%chunkLength == 0 {
		t.chunks = append(t.chunks, new([chunkLength]record))
	}
	r := t.record(t.count)
	r.digest = *digest
	t.count++
	t.place(digest, t.count)
	return r
}

func (t *table) place(digest *workspace.Digest, numberPlusOne uint32) {
	hash := binary.LittleEndian.Uint64(digest[:])
	i := hash & t.mask
	for t.slots[i] != 0 {
		i = (i + 1) & t.mask
	}
	t.slots[i] = hash>>32<<32 | uint64(numberPlusOne)
}

func (t *table) grow() {
	t.slots = make([]uint64, 2*len(t.slots))
	t.mask = uint64(len(t.slots) - 1)
	for n := range t.count {
		t.place(&t.record(n).digest, n+1)
	}
}

func (t *table) name(r *record) string {
	return string(t.names[r.nameAt : r.nameAt+uint32(r.nameLength)])
}

// Workspace implements [workspace.FactSink].
func (t *table) Workspace(id, slug string) { t.members.renameWorkspace(id, slug) }

// Member implements [workspace.FactSink].
func (t *table) Member(workspaceID, userID string, role workspace.Role, active bool) {
	t.members.set(workspaceID, userID, role, active)
}

// Key implements [workspace.FactSink].
func (t *table) Key(f workspace.KeyFact) {
	r := t.find(&f.Digest)
	if r == nil {
		r = t.add(&f.Digest)
	}
	r.id, r.revoked, r.expires = f.ID, f.Revoked, 0
	if !f.ExpiresAt.IsZero() {
		r.expires = f.ExpiresAt.UnixMicro()
	}
	r.member = t.members.number(f.WorkspaceID, f.OwnerID)
	if t.name(r) != f.Name {
		r.nameAt, r.nameLength = uint32(len(t.names)), uint16(len(f.Name))
		t.names = append(t.names, f.Name...)
	}
}

// standing gathers what the decision about a key depends on.
func (t *table) standing(r *record) workspace.Standing {
	s := workspace.Standing{Revoked: r.revoked, OwnerActive: t.members.all[r.member].Active}
	if r.expires != 0 {
		s.ExpiresAt = time.UnixMicro(r.expires)
	}
	return s
}
