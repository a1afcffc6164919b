package totp_test

import (
	"encoding/base32"
	"net/url"
	"regexp"
	"testing"
	"time"

	otp "github.com/pquerna/otp/totp"

	"github.com/keylodge/keylodge/internal/totp"
)

var secret = []byte("12345678901234567890")

// The vectors of RFC 6238 appendix B for SHA-1, cut to six digits.
func TestTOTPCode(t *testing.T) {
	for seconds, code := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037",
		20000000000: "353130",
	} {
		if step, ok := totp.Match(secret, code, time.Unix(seconds, 0)); !ok || step != seconds/30 {
			t.Errorf("at %d: step %d, %v", seconds, step, ok)
		}
	}
}

func TestTOTPMatch(t *testing.T) {
	now := time.Unix(1234567890, 0)
	step := now.Unix() / 30
	for away, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: false, 2: false} {
		at := now.Add(time.Duration(away) * 30 * time.Second)
		code, err := otp.GenerateCode(base32.StdEncoding.EncodeToString(secret), at)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := totp.Match(secret, code, now)
		if ok != want || ok && got != step+away {
			t.Errorf("%d steps away: %d, %v", away, got, ok)
		}
	}
	for _, code := range []string{"", "0", "00592", "0059240", "005925", "abcdef", "００５９２４"} {
		if _, ok := totp.Match(secret, totp.CleanCode(code), now); ok {
			t.Errorf("%q matches", code)
		}
	}
	if _, ok := totp.Match(secret, totp.CleanCode(" 005 924 "), now); !ok {
		t.Error("a code with spaces does not match")
	}
}

func TestDecodeSecret(t *testing.T) {
	text := totp.NewSecret()
	if b, ok := totp.DecodeSecret(text); !ok || len(b) != 20 || len(text) != 32 {
		t.Errorf("%d bytes, %v", len(b), ok)
	}
	for _, bad := range []string{"", text[1:], "1" + text[1:], text[:16]} {
		if _, ok := totp.DecodeSecret(bad); ok {
			t.Errorf("%q decodes", bad)
		}
	}
}

func TestAccountURL(t *testing.T) {
	a := totp.Account{Issuer: "Keylodge Acme & Söhne", Name: "dana@acme.example", Secret: totp.NewSecret()}
	u, err := url.Parse(a.URL())
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/"+a.Issuer+":"+a.Name ||
		u.Query().Get("issuer") != a.Issuer || u.Query().Get("secret") != a.Secret ||
		regexp.MustCompile(`[+ ]`).MatchString(a.URL()) {
		t.Error(a.URL())
	}
}

func TestNewRecoveryCodes(t *testing.T) {
	seen := map[string]bool{}
	for _, code := range totp.NewRecoveryCodes() {
		seen[code] = true
		if !regexp.MustCompile(`^[0-9a-v]{4}(-[0-9a-v]{4}){3}$`).MatchString(code) || len(totp.CleanCode(code)) != 16 {
			t.Errorf("code %q", code)
		}
	}
	if len(seen) != 10 {
		t.Errorf("%d different codes", len(seen))
	}
}
