package httpguard

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestClientIP(t *testing.T) {
	direct := ClientIP(nil)
	behind := ClientIP([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")})
	for name, tt := range map[string]struct {
		from            func(*http.Request) netip.Addr
		peer, xff, want string
	}{
		"direct":                          {direct, "192.0.2.1:5", "", "192.0.2.1"},
		"direct, v6":                      {direct, "[2001:db8::1]:5", "", "2001:db8::1"},
		"direct, mapped":                  {direct, "[::ffff:192.0.2.1]:5", "", "192.0.2.1"},
		"direct, a claim":                 {direct, "192.0.2.1:5", "203.0.113.9", "192.0.2.1"},
		"behind a proxy":                  {behind, "10.1.1.1:5", "203.0.113.9", "203.0.113.9"},
		"behind two, with a forged first": {behind, "10.1.1.1:5", "1.1.1.1, 203.0.113.9, 10.2.2.2", "203.0.113.9"},
		"behind a v6 proxy":               {behind, "[fd00::1]:5", "2001:db8::9", "2001:db8::9"},
		"past the proxy":                  {behind, "192.0.2.1:5", "203.0.113.9", "192.0.2.1"},
		"loopback is not trusted":         {behind, "127.0.0.1:5", "203.0.113.9", "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = tt.peer
			if tt.xff != "" {
				r.Header.Set("X-Forwarded-For", tt.xff)
			}
			if got := tt.from(r).String(); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}
