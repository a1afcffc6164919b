package workspace

import (
	"testing"
	"time"
)

// The vectors of RFC 6238 appendix B for SHA-1, cut to six digits.
func TestTOTPCode(t *testing.T) {
	secret := []byte("12345678901234567890")
	for seconds, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := totpCode(secret, seconds/30); got != want {
			t.Errorf("at %d: %s, want %s", seconds, got, want)
		}
	}
}

func TestTOTPMatch(t *testing.T) {
	f := TOTP{Secret: []byte("12345678901234567890")}
	now := time.Unix(1234567890, 0)
	step := now.Unix() / 30
	for away, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: false, 2: false} {
		got, ok := f.match(totpCode(f.Secret, step+away), now)
		if ok != want || ok && got != step+away {
			t.Errorf("%d steps away: %d, %v", away, got, ok)
		}
	}
	for _, code := range []string{"", "0", "00592", "0059240", "005925", "abcdef", "００５９２４"} {
		if _, ok := f.match(cleanCode(code), now); ok {
			t.Errorf("%q is taken", code)
		}
	}
	if _, ok := f.match(cleanCode(" 005 924 "), now); !ok {
		t.Error("spaces spoil a code")
	}
}
