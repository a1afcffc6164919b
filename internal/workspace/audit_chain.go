package workspace

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
)

// chainLabel begins all that is hashed for a chain, so that no hash of it is
// one of anything else, or of a later encoding.
const chainLabel = "keylodge audit event 1\n"

// ChainHash returns the hash of an event in its chain, given the hash of the
// event before it: zero for the first. It is the SHA-256 of
//
//	the text "keylodge audit event 1" and a line feed
//	the hash before (32 bytes)
//	Number, and At in microseconds since 1970 UTC (8 bytes each, signed)
//	ID, WorkspaceID, ActorKind, ActorID, Action, TargetID, Address, RequestID
//	how many Details there are (8 bytes)
//	the name and the value of each of them, in the order of the names' bytes
//
// where a text is its length in bytes (8 bytes) and its UTF-8, and all numbers
// begin with their highest byte. e.Hash is no part of it.
func (e Event) ChainHash(before Digest) Digest {
	b := make([]byte, 0, 1024)
	text := func(s string) {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = append(b, chainLabel...)
	b = append(b, before[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Number))
	b = binary.BigEndian.AppendUint64(b, uint64(e.At.UnixMicro()))
	for _, s := range []string{e.ID, e.WorkspaceID, string(e.ActorKind), e.ActorID, string(e.Action), e.TargetID, e.Address, e.RequestID} {
		text(s)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(len(e.Details)))
	for _, name := range slices.Sorted(maps.Keys(e.Details)) {
		text(name)
		text(e.Details[name])
	}
	return sha256.Sum256(b)
}

// Chained says whether the event is in a chain: not those from before there
// were any.
func (e Event) Chained() bool { return e.Number > 0 }

// HashText is the event's hash in hexadecimal digits, or "" when it is in no
// chain.
func (e Event) HashText() string {
	if !e.Chained() {
		return ""
	}
	return hex.EncodeToString(e.Hash[:])
}
