package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// Digest is the SHA-256 of a secret or token, the only form in which one is
// stored. Their random bits, at least 190, need no slow hash.
type Digest [sha256.Size]byte

// DigestOf returns the SHA-256 of text. It allocates nothing for texts of up to
// 128 bytes.
func DigestOf(text string) Digest {
	var buf [128]byte
	return sha256.Sum256(append(buf[:0], text...))
}

// NewToken returns 32 random bytes as 43 characters of URL-safe text, for a
// session cookie, a one-time link or a form's nonce. Of a token that signs a
// user in, only the [DigestOf] is stored.
func NewToken() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}
