package keyindex

import (
	"encoding/binary"
	"time"

	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// table maps digests to records by open addressing over 8-byte slots, each a
// fingerprint and the index of a record. The records of keys and of their old
// secrets hold no pointers, so that the garbage collector has nothing to follow
// however many there are. Keys stay forever, even when revoked. What edits
// leave behind is freed or reused.
//
// Only one goroutine at a time changes a table. It may read it without a lock.
type table struct {
	slots   []uint64 // 32 bits of the digest, 32 bits of a record's index plus one; 0: empty
	mask    uint64
	chunks  []*chunk
	count   uint32   // records, including those in free
	free    []uint32 // indexes of records that are no longer needed
	secrets oldSecrets
	members members
	grants  grants
}

const (
	chunkLength = 1 << 12
	smallest    = 1 << 10 // slots
)

// chunk is a run of records, and what belongs to them.
type chunk struct {
	records [chunkLength]record
	names   names
	meters  meters
}

func newTable() *table {
	return &table{
		slots: make([]uint64, smallest), mask: smallest - 1,
		secrets: newOldSecrets(), members: newMembers(), grants: newGrants(),
	}
}

// chunkOf returns the chunk of the record at an index, and the record's place
// in the chunk.
func (t *table) chunkOf(at uint32) (c *chunk, place uint32) {
	return t.chunks[at/chunkLength], at % chunkLength
}

func (t *table) record(at uint32) *record {
	return &t.chunks[at/chunkLength].records[at%chunkLength]
}

func (t *table) name(at uint32) string {
	c, i := t.chunkOf(at)
	return c.names.at(c.records[i].name)
}

// find returns the record of a digest and its index, or nil.
func (t *table) find(digest *secret.Digest) (*record, uint32) {
	i, ok := t.slotOf(digest)
	if !ok {
		return nil, 0
	}
	n := uint32(t.slots[i]) - 1
	return t.record(n), n
}

func (t *table) slotOf(digest *secret.Digest) (slot uint64, found bool) {
	hash := binary.LittleEndian.Uint64(digest[:])
	for i := hash & t.mask; t.slots[i] != 0; i = (i + 1) & t.mask {
		if slot := t.slots[i]; slot>>32 == hash>>32 && t.record(uint32(slot)-1).digest == *digest {
			return i, true
		}
	}
	return 0, false
}

// add returns a new record for a digest that has none.
func (t *table) add(digest *secret.Digest) (*record, uint32) {
	if t.full(1) {
		t.slots, t.mask = t.grown(1)
	}
	r, n := t.take()
	r.digest = *digest
	placeInSlot(t.slots, t.mask, digest, n)
	return r, n
}

// take returns an empty record.
func (t *table) take() (*record, uint32) {
	if last := len(t.free) - 1; last >= 0 {
		n := t.free[last]
		t.free = t.free[:last]
		return t.record(n), n
	}
	if t.count%chunkLength == 0 {
		t.chunks = append(t.chunks, new(chunk))
	}
	t.count++
	return t.record(t.count - 1), t.count - 1
}

// remove frees a record and forgets its digest.
func (t *table) remove(at uint32) {
	r := t.record(at)
	t.emptySlot(&r.digest)
	*r = record{}
	t.free = append(t.free, at)
}

// full reports whether adding records would crowd the slots.
func (t *table) full(more int) bool { return t.crowded(more, len(t.slots)) }

func (t *table) crowded(more, slots int) bool {
	return (int(t.count)-len(t.free)+more)*4 > slots*3
}

// grown returns slots with room for more records. It changes nothing, so that
// others may read meanwhile.
func (t *table) grown(more int) (slots []uint64, mask uint64) {
	length := len(t.slots)
	for t.crowded(more, length) {
		length *= 2
	}
	slots, mask = make([]uint64, length), uint64(length-1)
	for n := range t.count {
		if digest := &t.record(n).digest; *digest != (secret.Digest{}) {
			placeInSlot(slots, mask, digest, n)
		}
	}
	return slots, mask
}

// placeInSlot puts the index of a record into the first free slot for its
// digest.
func placeInSlot(slots []uint64, mask uint64, digest *secret.Digest, at uint32) {
	hash := binary.LittleEndian.Uint64(digest[:])
	i := hash & mask
	for slots[i] != 0 {
		i = (i + 1) & mask
	}
	slots[i] = slotFor(hash, at)
}

func slotFor(hash uint64, at uint32) uint64 { return hash>>32<<32 | uint64(at+1) }

// emptySlot empties the slot of a digest. Slots after it move up, so that a
// search never stops short of them.
func (t *table) emptySlot(digest *secret.Digest) {
	hole, ok := t.slotOf(digest)
	if !ok {
		return
	}
	for i := (hole + 1) & t.mask; t.slots[i] != 0; i = (i + 1) & t.mask {
		home := binary.LittleEndian.Uint64(t.record(uint32(t.slots[i]) - 1).digest[:]) & t.mask
		if (i-home)&t.mask >= (i-hole)&t.mask {
			t.slots[hole], hole = t.slots[i], i
		}
	}
	t.slots[hole] = 0
}

// Member sets what is known of a member.
func (t *table) Member(m workspace.MemberFact) { t.members.set(m) }

// key sets what is known of a key, whose limits are shared with others.
func (t *table) key(f *workspace.KeyFact, limits *Limits) {
	r, n := t.find(&f.Digest)
	if r == nil {
		r, n = t.rotated(f)
	}
	grant := t.grants.take(t.members.placeOf(f.WorkspaceID, f.OwnerID), limits)
	if r != nil {
		t.grants.release(r.grantAt())
	} else {
		r, n = t.add(&f.Digest)
	}
	r.id, r.ref, r.expires, r.flags = f.ID, grant, 0, flagsOf(f)
	if !f.ExpiresAt.IsZero() {
		r.expires = f.ExpiresAt.UnixMicro()
	}
	c, i := t.chunkOf(n)
	c.setName(i, f.Name)
	c.meters.set(i, f.Limits.Rate != (ratelimit.Rate{}))
	if f.SecretNumber > 0 {
		t.adopt(n, f)
	}
}

var notFound = Result{Decision: workspace.DecisionNotFound}

// decide decides whether the secret of a record may be used. If it may, the
// request counts against the rate of the key.
func (t *table) decide(r *record, at uint32, q *Request) Result {
	key, expires, ended := r, r.expires, r.flags.ended()
	if r.flags.old() {
		at = r.keyAt()
		key = t.record(at)
		expires, ended = r.endsWith(key)
	}
	g := t.grants.all[key.grantAt()]
	owner := t.members.all[g.member]
	if q.Slug != "" && !owner.Workspace.At(q.Slug, q.Now) {
		return notFound
	}
	a := Result{Found: true, KeyID: key.id, SecretNumber: r.flags.secret(), KeyName: t.name(at), Owner: owner,
		Limits: g.limits}
	s := workspace.KeyStatus{
		Revoked:  key.flags.state() == revoked,
		Disabled: key.flags.state() == disabled || owner.Workspace.Disabled,
		Ended:    ended, OwnerActive: owner.Active, OwnerRole: owner.Role,
	}
	if expires != 0 {
		a.ExpiresAt = time.UnixMicro(expires).UTC()
		s.ExpiresAt = a.ExpiresAt
	}
	if g.limits != nil {
		s.Limits = &g.limits.Limits
	}
	a.Decision = workspace.Decide(s, q.Attempt)
	if a.Decision == workspace.DecisionValid && g.limits != nil && g.limits.Rate != (ratelimit.Rate{}) {
		var ok bool
		if a.Quota, ok = t.meter(at).take(g.limits.Rate, q.Now); !ok {
			a.Decision = workspace.DecisionRateLimited
		}
	}
	return a
}

func (t *table) meter(at uint32) *meter {
	c, i := t.chunkOf(at)
	return c.meters.all[i]
}
