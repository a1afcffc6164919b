package keyindex

import (
	"encoding/binary"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// oldSecrets chains the records of the old secrets of each key.
type oldSecrets struct {
	of      map[uint32]link // by the index of the key's record
	pending map[keyID]pending
}

// link is the index of a record plus one; 0 ends a chain.
type link uint32

// pending is what the facts of old secrets say of a key whose own fact has not
// come yet.
type pending struct {
	key link // the key's record, which has lost its digest to an old secret
	old link // new records of old secrets
}

func newOldSecrets() oldSecrets {
	return oldSecrets{of: map[uint32]link{}, pending: map[keyID]pending{}}
}

// OldSecret sets what is known of an old secret. Unless the secret was known as
// one, the fact of its key must follow.
func (t *table) OldSecret(f workspace.OldSecretFact) {
	r, n := t.find(&f.Digest)
	switch {
	case r == nil:
		r, n = t.add(&f.Digest)
		t.await(f.KeyID, n)
	case !r.flags.old():
		n = t.retire(r, n)
		r = t.record(n)
		t.await(f.KeyID, n)
	}
	r.id, r.expires = f.KeyID, f.EndsAt.UnixMicro()
	r.flags = flags(f.SecretNumber)<<secretShift | oldFlag
	if f.Ended {
		r.flags |= endedFlag
	}
}

// retire moves the digest of a key's record to a new record of an old secret,
// and returns the index of that. The key stays where it is.
func (t *table) retire(key *record, at uint32) uint32 {
	i, _ := t.slotOf(&key.digest)
	r, n := t.take()
	r.digest, key.digest = key.digest, secret.Digest{}
	t.slots[i] = slotFor(binary.LittleEndian.Uint64(r.digest[:]), n)
	p := t.secrets.pending[key.id]
	p.key = link(at + 1)
	t.secrets.pending[key.id] = p
	return n
}

// await keeps the record of an old secret until the fact of its key comes.
func (t *table) await(id keyID, at uint32) {
	p := t.secrets.pending[id]
	t.push(&p.old, at)
	t.secrets.pending[id] = p
}

// push puts the record of an old secret at the beginning of a chain.
func (t *table) push(chain *link, at uint32) {
	t.record(at).setNext(*chain)
	*chain = link(at + 1)
}

// pop takes a record from the beginning of a chain that is not empty.
func (t *table) pop(chain *link) (*record, uint32) {
	n := uint32(*chain - 1)
	r := t.record(n)
	*chain = r.next()
	return r, n
}

// rotated returns the record that a key had with another digest and gives it
// the present one, or returns nil.
func (t *table) rotated(f *workspace.KeyFact) (*record, uint32) {
	if f.SecretNumber == 0 {
		return nil, 0
	}
	p := t.secrets.pending[f.ID]
	if p.key == 0 {
		return nil, 0
	}
	n := uint32(p.key - 1)
	r := t.record(n)
	if r.digest != (secret.Digest{}) { // of a secret that has been dropped
		t.emptySlot(&r.digest)
	}
	r.digest = f.Digest
	placeInSlot(t.slots, t.mask, &r.digest, n)
	return r, n
}

// adopt gives a key the old secrets that were waiting for it, and drops those
// that are no longer kept.
func (t *table) adopt(at uint32, f *workspace.KeyFact) {
	s := &t.secrets
	p, ok := s.pending[f.ID]
	if !ok {
		return
	}
	delete(s.pending, f.ID)
	before, kept := s.of[at], link(0)
	for _, chain := range []link{p.old, before} {
		for chain != 0 {
			r, n := t.pop(&chain)
			if r.flags.secret() < f.SecretNumber-workspace.MaxOldSecrets {
				t.remove(n)
				continue
			}
			r.ref = at
			t.push(&kept, n)
		}
	}
	s.of[at] = kept
}

// findRotated looks for the records of keys that are known only by secrets that
// have been dropped since, which happens after a long pause. It then reads
// every record.
func (t *table) findRotated(news *facts) {
	lost := map[keyID]bool{}
	for i := range news.keys {
		if f := &news.keys[i]; f.SecretNumber > workspace.MaxOldSecrets {
			if r, _ := t.find(&f.Digest); r == nil {
				lost[f.ID] = true
			}
		}
	}
	for i := range news.secrets {
		f := &news.secrets[i]
		if !lost[f.KeyID] {
			continue
		}
		if r, _ := t.find(&f.Digest); r != nil {
			delete(lost, f.KeyID)
		}
	}
	if len(lost) == 0 {
		return
	}
	for n := range t.count {
		if r := t.record(n); lost[r.id] && !r.flags.old() {
			t.secrets.pending[r.id] = pending{key: link(n + 1)}
		}
	}
}
