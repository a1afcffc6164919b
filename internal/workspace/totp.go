package workspace

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" // within HMAC, as RFC 6238 has it and every authenticator does
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"github.com/keylodge/keylodge/internal/secret"
	"net/url"
	"strings"
	"time"
)

// TOTP is a second factor: codes of six digits that an authenticator makes of a
// secret and the time (RFC 6238, with its defaults: HMAC-SHA-1, steps of 30
// seconds).
type TOTP struct {
	UserID    string
	Secret    []byte
	LastStep  int64 // the newest time step whose code was used
	CreatedAt time.Time
}

const (
	totpStep        = 30 * time.Second
	totpSecretBytes = 20 // as long as the hash, RFC 4226 section 4
)

var totpEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewTOTPSecret returns a random secret as authenticators take it: 32
// characters of base32.
func NewTOTPSecret() string {
	var b [totpSecretBytes]byte
	rand.Read(b[:])
	return totpEncoding.EncodeToString(b[:])
}

// TOTPAddress is what a QR code tells an authenticator: the secret, and what to
// call it.
func TOTPAddress(w Workspace, m Member, secret string) string {
	issuer := "Keylodge " + w.Name
	return (&url.URL{
		Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + m.Email,
		RawQuery: strings.ReplaceAll(url.Values{"secret": {secret}, "issuer": {issuer}}.Encode(), "+", "%20"),
	}).String()
}

// totpCode is the code of one time step (RFC 4226 section 5.3).
func totpCode(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	from := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[from:])&0x7fffffff%1_000_000)
}

// match returns the time step whose code was typed: the present one, or the one
// before it, for who is slow (RFC 6238 section 5.2).
func (f TOTP) match(code string, now time.Time) (step int64, ok bool) {
	present := now.Unix() / int64(totpStep/time.Second)
	for _, s := range []int64{present, present - 1} {
		if subtle.ConstantTimeCompare([]byte(totpCode(f.Secret, s)), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// cleanCode drops what people put between the characters of a code.
func cleanCode(code string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' {
			return -1
		}
		return r
	}, code))
}

// recoveryCodes is how many a person gets. Each has 80 random bits.
const recoveryCodes = 10

func newRecoveryCodes() (codes []string, digests []secret.Digest) {
	for range recoveryCodes {
		var b [10]byte
		rand.Read(b[:])
		text := idEncoding.EncodeToString(b[:])
		codes = append(codes, text[:4]+"-"+text[4:8]+"-"+text[8:12]+"-"+text[12:])
		digests = append(digests, secret.DigestOf(text))
	}
	return codes, digests
}
