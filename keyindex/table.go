package keyindex

import (
	"encoding/binary"
	"time"

	"github.com/keylodge/keylodge/workspace"
)

// table maps digests to records. It holds no pointers but the few to its chunks, and those of grants that keys share, so that the garbage
// collector has nothing to follow however many keys there are: open addressing over 8-byte slots, each a
// fingerprint and a place in the slab. Keys are never taken out: a revoked key is a record that says so.
type table struct {
	slots   []uint64 // 32 bits of the digest, 32 bits of a record's number plus one; 0: empty
	mask    uint64
	chunks  []*[chunkLength]record
	count   uint32
	names   names
	members members
	grants  grants
	meters  meters
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
	grant      uint32 // its number in grants
	nameAt     uint32
	nameLength uint16
	standing   standing
}

// standing is a key's state, in the last two bits, and which of its secrets the record is of.
type standing uint16

func standingOf(secret int, s state) standing { return standing(secret<<2) | standing(s) }

func (s standing) state() state { return state(s & 3) }
func (s standing) secret() int  { return int(s >> 2) }

// state is what somebody has made of a key. That it has expired is no state: the clock tells.
type state uint8

const (
	live state = iota
	disabled
	revoked
)

func newTable() *table {
	return &table{slots: make([]uint64, smallest), mask: smallest - 1, members: newMembers(), grants: newGrants()}
}

func (t *table) record(number uint32) *record {
	return &t.chunks[number/chunkLength][number%chunkLength]
}

// find returns the record of a digest and its number, or nil.
func (t *table) find(digest *workspace.Digest) (*record, uint32) {
	hash := binary.LittleEndian.Uint64(digest[:])
	for i := hash & t.mask; t.slots[i] != 0; i = (i + 1) & t.mask {
		if slot := t.slots[i]; slot>>32 == hash>>32 {
			n := uint32(slot) - 1
			if r := t.record(n); r.digest == *digest {
				return r, n
			}
		}
	}
	return nil, 0
}

// add makes room for a digest that is not there yet.
func (t *table) add(digest *workspace.Digest) (*record, uint32) {
	if t.full(1) {
		t.slots, t.mask = t.grown(1)
	}
	if t.count%chunkLength == 0 {
		t.chunks = append(t.chunks, new([chunkLength]record))
	}
	r := t.record(t.count)
	r.digest = *digest
	t.count++
	place(t.slots, t.mask, digest, t.count)
	return r, t.count - 1
}

// full says whether so many more keys would crowd the slots.
func (t *table) full(more int) bool { return (uint64(t.count)+uint64(more))*4 > uint64(len(t.slots))*3 }

// grown returns slots with room for so many more keys. It alters nothing, so that others may read meanwhile.
func (t *table) grown(more int) (slots []uint64, mask uint64) {
	length := uint64(len(t.slots))
	for (uint64(t.count)+uint64(more))*4 > length*3 {
		length *= 2
	}
	slots, mask = make([]uint64, length), length-1
	for n := range t.count {
		place(slots, mask, &t.record(n).digest, n+1)
	}
	return slots, mask
}

func place(slots []uint64, mask uint64, digest *workspace.Digest, numberPlusOne uint32) {
	hash := binary.LittleEndian.Uint64(digest[:])
	i := hash & mask
	for slots[i] != 0 {
		i = (i + 1) & mask
	}
	slots[i] = hash>>32<<32 | uint64(numberPlusOne)
}

func (t *table) name(r *record) string { return t.names.at(r.nameAt, r.nameLength) }

// Workspace sets what is known of a workspace.
func (t *table) Workspace(w workspace.WorkspaceFact) { t.members.setWorkspace(w) }

// Member sets what is known of a member.
func (t *table) Member(workspaceID, userID string, role workspace.Role, active bool) {
	t.members.set(workspaceID, userID, role, active)
}

// Key sets what is known of a key.
func (t *table) Key(f workspace.KeyFact) {
	var meter *meter
	if f.Limits.Rate != (workspace.Rate{}) {
		meter = t.meterOf(&f)
	}
	t.secret(&f, &f.Digest, f.Secret, f.ExpiresAt, meter)
	for i := range f.Old {
		old := &f.Old[i]
		ends := old.EndsAt
		if !f.ExpiresAt.IsZero() && f.ExpiresAt.Before(ends) {
			ends = f.ExpiresAt
		}
		t.secret(&f, &old.Digest, old.Number, ends, meter)
	}
}

// secret sets what is known of one secret of a key.
func (t *table) secret(f *workspace.KeyFact, digest *workspace.Digest, number int, expires time.Time, meter *meter) {
	r, n := t.find(digest)
	if r == nil {
		r, n = t.add(digest)
	}
	r.id, r.expires = f.ID, 0
	if !expires.IsZero() {
		r.expires = expires.UnixMicro()
	}
	state := live
	switch {
	case f.Revoked:
		state = revoked
	case f.Disabled:
		state = disabled
	}
	r.standing = standingOf(number, state)
	r.grant = t.grants.number(t.members.number(f.WorkspaceID, f.OwnerID), f.Limits)
	if meter != nil {
		t.meters.set(n, meter)
	}
	if t.name(r) != f.Name {
		r.nameAt, r.nameLength = t.names.add(f.Name), uint16(len(f.Name))
	}
}

// meterOf returns the one meter of all secrets of a key: what is used up by one is used up for the others.
func (t *table) meterOf(f *workspace.KeyFact) *meter {
	if r, n := t.find(&f.Digest); r != nil && t.meters.at(n) != nil {
		return t.meters.at(n)
	}
	for i := range f.Old {
		if r, n := t.find(&f.Old[i].Digest); r != nil && t.meters.at(n) != nil {
			return t.meters.at(n)
		}
	}
	return new(meter)
}

func (t *table) owner(r *record) *Member { return t.members.all[t.grants.all[r.grant].member] }

// answer decides about the key of a record, and says who it is.
func (t *table) answer(r *record, number uint32, q Question) Answer {
	g := t.grants.all[r.grant]
	owner := t.members.all[g.member]
	a := Answer{Found: true, KeyID: r.id, Secret: r.standing.secret(), KeyName: t.name(r), Owner: owner, Limits: g.limits}
	s := workspace.Standing{
		Revoked: r.standing.state() == revoked, Disabled: r.standing.state() == disabled || owner.Workspace.Disabled,
		OwnerActive: owner.Active, OwnerRole: owner.Role,
	}
	if r.expires != 0 {
		a.ExpiresAt = time.UnixMicro(r.expires).UTC()
		s.ExpiresAt = a.ExpiresAt
	}
	if g.limits != nil {
		s.Limits = &g.limits.Limits
	}
	a.Decision = workspace.Decide(s, q.Ask)
	if a.Decision == workspace.DecisionValid && g.limits != nil && g.limits.Rate != (workspace.Rate{}) {
		var ok bool
		if a.Quota, ok = t.meters.at(number).take(g.limits.Rate, q.Now); !ok {
			a.Decision = workspace.DecisionRateLimited
		}
	}
	return a
}
