package keyindex

import (
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// record is 64 bytes: one line of the processor's cache. It is of a key, found
// by the key's present secret, or of a secret that a key had before. That one
// takes all but its own end from the key's record, so a change of a key touches
// one record, however many secrets the key has had.
type record struct {
	digest   secret.Digest
	expires  int64 // microseconds since 1970; 0: never
	id       keyID
	ref      uint32 // of a key: its number in grants; of an old secret: the number of its key's record
	name     name   // of a key; of an old secret what next returns
	standing standing
}

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
	return expires, r.standing.ended() || key.standing.ended() || r.standing.secret() != key.standing.secret()-1
}

// standing is a key's state in the last two bits, two flags, and which of the
// key's secrets the record is of.
type standing uint32

const (
	stateMask   standing = 3
	endedFlag   standing = 1 << 2 // past its end, whatever the clock says
	oldFlag     standing = 1 << 3 // of an old secret
	secretShift          = 4
)

func (s standing) state() state { return state(s & stateMask) }
func (s standing) ended() bool  { return s&endedFlag != 0 }
func (s standing) old() bool    { return s&oldFlag != 0 }
func (s standing) secret() int  { return int(s >> secretShift) }

// state says whether a key was revoked or disabled. That it has expired is no
// state: the clock tells.
type state uint8

const (
	live state = iota
	disabled
	revoked
)

// standingOf returns the standing of a key's record.
func standingOf(f *workspace.KeyFact) standing {
	s := standing(f.Secret) << secretShift
	if f.Ended {
		s |= endedFlag
	}
	switch {
	case f.Revoked:
		s |= standing(revoked)
	case f.Disabled:
		s |= standing(disabled)
	}
	return s
}
