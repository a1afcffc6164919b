// Package secret has the texts that programs present as keys, and other random
// tokens: how they are made, recognized, digested and kept out of logs.
package secret

import (
	"crypto/rand"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"regexp"
)

// A secret is PREFIX_, 32 random characters and a checksum of 6 characters, all
// base62.
const (
	base62         = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	randomLength   = 32
	checksumLength = 6
	bodyLength     = randomLength + checksumLength
	maxPrefix      = 16
)

// DefaultPrefix begins the secrets of an installation that has not chosen a
// prefix.
const DefaultPrefix = "kl"

var prefixShape = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// ValidPrefix reports whether secrets may begin with prefix: a letter, then up
// to 15 of a–z, 0–9 and single inner underscores.
func ValidPrefix(prefix string) bool {
	return len(prefix) <= maxPrefix && prefixShape.MatchString(prefix)
}

// Secret is the text that a program presents as its key. It prints as
// "[redacted]" wherever it is formatted, logged or marshaled. Only
// [Secret.Reveal] returns the text, for the one-time page and the command line.
type Secret struct{ text string }

// New returns a new secret with 190 random bits from crypto/rand.
func New(prefix string) Secret {
	text := prefix + "_" + randomText(randomLength)
	return Secret{text + checksum(text)}
}

// Parse returns text as a secret, and false when its shape or checksum is
// wrong. It does no I/O: a mistyped or foreign string costs no lookup.
func Parse(text string) (Secret, bool) {
	cut := len(text) - bodyLength
	if cut < 2 || cut > maxPrefix+1 || text[cut-1] != '_' || !isBase62(text[cut:]) {
		return Secret{}, false
	}
	body := text[:len(text)-checksumLength]
	var want [checksumLength]byte
	if putChecksum(&want, body); string(want[:]) != text[len(body):] {
		return Secret{}, false
	}
	return Secret{text}, true
}

// Pattern returns a regular expression, in the syntax that all engines share,
// that matches secrets with a prefix. A match may still not be a secret: only
// [Parse] checks the checksum.
func Pattern(prefix string) string {
	return fmt.Sprintf("%s_[0-9A-Za-z]{%d}", prefix, bodyLength)
}

// Find returns the parts of text that are secrets with any prefix, so that the
// caller can keep them out of logs, names and URLs.
func Find(text string) (found []string) {
	for i := range len(text) {
		end := i + 1 + bodyLength
		if end > len(text) || text[i] != '_' {
			continue
		}
		for start := max(0, i-maxPrefix); start < i; start++ { // letters right before or after it may not be part of it
			if s, ok := Parse(text[start:end]); ok {
				found = append(found, s.text)
				break
			}
		}
	}
	return found
}

// isDigit has true for each byte of base62.
var isDigit = func() (is [256]bool) {
	for _, c := range []byte(base62) {
		is[c] = true
	}
	return is
}()

func isBase62(text string) bool {
	for i := range len(text) {
		if !isDigit[text[i]] {
			return false
		}
	}
	return true
}

// Digest returns the SHA-256 of the whole text.
func (s Secret) Digest() Digest { return DigestOf(s.text) }

// Hint returns the part of a secret that is shown later: its prefix, and its
// first and last four characters ("kl_3f9a…x7Qk").
func (s Secret) Hint() string {
	cut := len(s.text) - bodyLength
	return s.text[:cut+4] + "…" + s.text[len(s.text)-4:]
}

// Reveal returns the text itself.
func (s Secret) Reveal() string { return s.text }

// Redacted is what a secret prints as.
const Redacted = "[redacted]"

// String returns "[redacted]".
func (Secret) String() string { return Redacted }

// Format writes "[redacted]" for every verb.
func (Secret) Format(f fmt.State, _ rune) { io.WriteString(f, Redacted) }

// LogValue implements [slog.LogValuer].
func (Secret) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText implements [encoding.TextMarshaler], for JSON among others.
func (Secret) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

func checksum(text string) string {
	var sum [checksumLength]byte
	putChecksum(&sum, text)
	return string(sum[:])
}

// putChecksum writes the CRC-32 (IEEE 802.3) of text as six base62 digits, most
// significant first.
func putChecksum(sum *[checksumLength]byte, text string) {
	crc := ^uint32(0)
	for i := range len(text) { // crc32.ChecksumIEEE would copy the text to the heap
		crc = crc32.IEEETable[byte(crc)^text[i]] ^ crc>>8
	}
	crc = ^crc
	for i := len(sum) - 1; i >= 0; i-- {
		sum[i] = base62[crc%62]
		crc /= 62
	}
}

// randomText returns n base62 characters, each equally likely.
func randomText(n int) string {
	out := make([]byte, 0, n)
	var pool [48]byte
	for len(out) < n {
		rand.Read(pool[:])
		for _, b := range pool {
			if b < 248 && len(out) < n { // 248 = 4 × 62: larger bytes would favor the first characters
				out = append(out, base62[b%62])
			}
		}
	}
	return string(out)
}
