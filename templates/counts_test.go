package templates

import (
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 12345: "12,345", 100000: "100,000", 1234567: "1,234,567",
		-123: "-123", -1234: "-1,234",
	} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestKeyCount(t *testing.T) {
	for _, c := range []struct {
		n       int
		state   workspace.KeyState
		onlyOwn bool
		want    string
	}{
		{0, workspace.KeyRevoked, false, "0 revoked keys"},
		{1, workspace.KeyActive, false, "1 active key"},
		{1204, workspace.KeyActive, false, "1,204 active keys"},
		{2, workspace.KeyExpired, true, "2 expired keys of yours"},
	} {
		if got := keyCount(c.n, c.state, c.onlyOwn); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
