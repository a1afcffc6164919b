package workspace

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"time"
)

// The prefixes of ids say what an id names.
const (
	keyIDPrefix       = "key_"
	userIDPrefix      = "usr_"
	providerIDPrefix  = "idp_"
	passkeyIDPrefix   = "psk_"
	serviceIDPrefix   = "svc_"
	workspaceIDPrefix = "ws_"
	eventIDPrefix     = "evt_"
	batchIDPrefix     = "use_"
	sessionIDPrefix   = "ses_"
	jobIDPrefix       = "job_"
	nodeIDPrefix      = "nod_"
	hookIDPrefix      = "msg_"
	invitationPrefix  = "inv_"
)

// idEncoding is base32 in the order of its alphabet (RFC 4648 section 7, in
// lower case), so that ids sort as the bytes they stand for.
var idEncoding = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// IDBytes is the length of an id without its prefix and encoding.
const IDBytes = 12

// newID returns prefix and 20 characters of base32: 6 bytes of Unix
// milliseconds, so that ids sort by time, and 6 random bytes. An id is a name,
// not a secret.
func newID(prefix string, now time.Time) string {
	var b [8 + 6]byte
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli()))
	rand.Read(b[8:])
	return prefix + idEncoding.EncodeToString(b[2:])
}

// ParseKeyID returns the bytes of a key's id, and false when id is not one as
// [AppendKeyID] writes it.
func ParseKeyID(id string) (b [IDBytes]byte, ok bool) {
	if len(id) != len(keyIDPrefix)+20 || id[:len(keyIDPrefix)] != keyIDPrefix {
		return b, false
	}
	if _, err := idEncoding.Decode(b[:], []byte(id[len(keyIDPrefix):])); err != nil {
		return b, false
	}
	var again [len(keyIDPrefix) + 20]byte // the last character has four bits that decoding ignores
	return b, string(AppendKeyID(again[:0], b)) == id
}

// KeyIDTime returns when a key's id was made, to the millisecond.
func KeyIDTime(id [IDBytes]byte) time.Time {
	var b [8]byte
	copy(b[2:], id[:6])
	return time.UnixMilli(int64(binary.BigEndian.Uint64(b[:]))).UTC()
}

// AppendKeyID appends the text of a key's id to dst.
func AppendKeyID(dst []byte, id [IDBytes]byte) []byte {
	return idEncoding.AppendEncode(append(dst, keyIDPrefix...), id[:])
}
