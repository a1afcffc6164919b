// Package totp has the codes of authenticator apps (RFC 6238) and the recovery
// codes that stand in for them.
package totp

import (
	"crypto/rand"
	"encoding/base32"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

const (
	step        = 30 * time.Second
	secretBytes = 20 // as long as SHA-1's output (RFC 4226 section 4)
)

// options are the defaults of RFC 6238, which every authenticator app supports.
var options = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewSecret returns a random secret as authenticator apps take it: 32
// characters of base32.
func NewSecret() string {
	var b [secretBytes]byte
	rand.Read(b[:])
	return encoding.EncodeToString(b[:])
}

// DecodeSecret returns the bytes of a secret, and false when text is not one
// that [NewSecret] returns.
func DecodeSecret(text string) (secret []byte, ok bool) {
	secret, err := encoding.DecodeString(text)
	return secret, err == nil && len(secret) == secretBytes
}

// Account is what a QR code tells an authenticator app.
type Account struct {
	Issuer string // whose account it is, for people
	Name   string // the account's name, for people
	Secret string // as NewSecret returns it
}

// URL returns the otpauth URL that the QR code holds.
func (a Account) URL() string {
	query := url.Values{"secret": {a.Secret}, "issuer": {a.Issuer}}.Encode()
	u := url.URL{
		Scheme: "otpauth", Host: "totp", Path: "/" + a.Issuer + ":" + a.Name,
		RawQuery: strings.ReplaceAll(query, "+", "%20"), // apps show a plus sign as it is
	}
	return u.String()
}

// Match returns the time step whose code this is: the current one, or the one
// before it for a person who is slow (RFC 6238 section 5.2).
func Match(secret []byte, code string, now time.Time) (matched int64, ok bool) {
	text := encoding.EncodeToString(secret)
	current := now.Unix() / int64(step/time.Second)
	for _, n := range []int64{current, current - 1} {
		if same, err := hotp.ValidateCustom(code, uint64(n), text, options); err == nil && same {
			matched, ok = n, true
		}
	}
	return matched, ok
}

// CleanCode drops the spaces and hyphens that people put into codes, and
// returns the rest in lower case.
func CleanCode(code string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' {
			return -1
		}
		return r
	}, code))
}
