package totp

import (
	"crypto/rand"
	"encoding/base32"
)

const (
	recoveryCodes     = 10
	recoveryCodeBytes = 10 // 80 random bits
)

// NewRecoveryCodes returns ten random codes such as "0a1b-2c3d-4e5f-6g7h", each
// of 80 bits. [CleanCode] drops the hyphens.
func NewRecoveryCodes() []string {
	lower := base32.NewEncoding("0123456789abcdefghijklmnopqrstuv")
	codes := make([]string, recoveryCodes)
	for i := range codes {
		var b [recoveryCodeBytes]byte
		rand.Read(b[:])
		text := lower.EncodeToString(b[:])
		codes[i] = text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
	}
	return codes
}
