package keyindex

import (
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// record is 64 bytes: one cache line. It is of a key, found by the key's
// present secret, or of an old secret of a key. The record of an old secret has
// only its own end, and the rest is in the key's record: a change of a key
// touches one record, however many secrets the key has had.
type record struct {
	digest  secret.Digest
	expires int64 // microseconds since 1970; 0: never
	id      keyID
	ref     uint32 // of a key: grantAt; of an old secret: keyAt
	name    name   // of a key; of an old secret: next
	flags   flags
}

// grantAt returns the place in grants of a key's grant.
func (r *record) grantAt() uint32 { return r.ref }

// keyAt returns the index of the record of an old secret's key.
func (r *record) keyAt() uint32 { return r.ref }

// next returns the next old secret in the chain of a key.
func (r *record) next() link { return link(r.name) }

func (r *record) setNext(l link) { r.name = name(l) }

// endsWith returns when an old secret ends, and whether it has ended whatever
// the clock says. It never outlives its key, and only the last one before the
// present secret may still work: no key is rotated while another old secret
// does.
func (r *record) endsWith(key *record) (expires int64, ended bool) {
	expires = r.expires
	if key.expires != 0 {
		expires = min(expires, key.expires)
	}
	return expires, r.flags.ended() || key.flags.ended() || r.flags.secret() != key.flags.secret()-1
}

// flags is a key's state in the low two bits, two flags, and the number of the
// secret that the record is of.
type flags uint32

const (
	stateMask   flags = 3
	endedFlag   flags = 1 << 2 // past its end, whatever the clock says
	oldFlag     flags = 1 << 3 // of an old secret
	secretShift       = 4
)

func (s flags) state() state { return state(s & stateMask) }
func (s flags) ended() bool  { return s&endedFlag != 0 }
func (s flags) old() bool    { return s&oldFlag != 0 }
func (s flags) secret() int  { return int(s >> secretShift) }

// state reports whether a key was revoked or disabled. Expired is not a state:
// it depends on the clock.
type state uint8

const (
	live state = iota
	disabled
	revoked
)

// flagsOf returns the flags of a key's record.
func flagsOf(f *workspace.KeyFact) flags {
	s := flags(f.SecretNumber) << secretShift
	if f.Ended {
		s |= endedFlag
	}
	switch {
	case f.Revoked:
		s |= flags(revoked)
	case f.Disabled:
		s |= flags(disabled)
	}
	return s
}
