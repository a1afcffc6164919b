package e2e

import (
	"testing"
)

func TestWrongLimits(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	for _, c := range [][]string{
		{"--scope", "a,,b"}, {"--scope", ""}, {"--scope", "a b"}, {"--scope", "keys:all"}, {"--scope", "é"},
		{"--allow-from", "x"}, {"--allow-from", "10.0.0.1/8"},
		{"--rate-limit", "x"}, {"--rate-limit", "0/1m"}, {"--rate-limit", "1/2d"}, {"--rate-limit", "1/1ms"},
	} {
		r := keylodge(
			t,
			"",
			append([]string{"key", "create", "--workspace", "acme", "--owner", danaEmail, "--db", s.database}, c...)...)
		if r.code == 0 || r.out != "" {
			t.Errorf("%q: code %d", c, r.code)
		}
		oneLineOf(t, r.err)
	}
	if ids := dana.keyIDs(); len(ids) != 0 {
		t.Errorf("keys were made: %v", ids)
	}
}
