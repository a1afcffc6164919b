package secret_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/secret"
)

func TestSecretRoundTrip(t *testing.T) {
	for _, prefix := range []string{"kl", "a", "acme_live", "abcdefghijklmnop"} {
		s := secret.New(prefix)
		text := s.Reveal()
		if len(text) != len(prefix)+1+38 || !strings.HasPrefix(text, prefix+"_") {
			t.Fatalf("a secret with prefix %q has the wrong shape", prefix)
		}
		back, ok := secret.Parse(text)
		if !ok || back != s || back.Digest() != s.Digest() {
			t.Errorf("a secret with prefix %q does not parse", prefix)
		}
		if want := text[:len(prefix)+5] + "…" + text[len(text)-4:]; s.Hint() != want {
			t.Errorf("hint %q, want %q", s.Hint(), want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	good := secret.New("kl").Reveal()
	other := map[bool]string{true: "b", false: "a"}[good[10] == 'a']
	for name, text := range map[string]string{
		"nothing":           "",
		"a space before":    " " + good,
		"a line break":      good + "\n",
		"one character off": good[:10] + other + good[11:],
		"cut short":         good[:len(good)-1],
		"too long":          good + "0",
		"another prefix":    "kx" + good[2:],
		"no prefix":         good[2:],
		"no underscore":     "kl-" + good[3:],
		"not base62":        good[:20] + "-" + good[21:],
		"not ASCII":         good[:20] + "é" + good[22:],
		"a very long text":  strings.Repeat("a", 1<<20),
	} {
		if _, ok := secret.Parse(text); ok {
			t.Errorf("%s: parsed as a secret", name)
		}
	}
}

// A fixed vector, computed by another program, for authors of scanners to check
// theirs against.
func TestChecksumVector(t *testing.T) {
	const body = "kl_0123456789ABCDEFGHIJKLMNOPQRSTUV"
	if _, ok := secret.Parse(body + "0dYxzJ"); !ok {
		t.Error("the right checksum was refused")
	}
}

func TestSecretIsNeverPrinted(t *testing.T) {
	s := secret.New("kl")
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("added", "secret", s, "in", struct{ S secret.Secret }{s})
	marshalled, err := json.Marshal(map[string]any{"secret": s})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q %x %d", s, s, s, s, s, s, s), fmt.Sprintf("%v", &s),
		fmt.Sprintf("%+v", struct{ S secret.Secret }{s}), log.String(), string(marshalled),
	} {
		if strings.Contains(text, s.Reveal()[5:]) || strings.Contains(text, fmt.Sprintf("%x", s.Reveal()[5:])) {
			t.Errorf("printed: %s", text)
		}
	}
}

func TestFind(t *testing.T) {
	text := secret.New("kl").Reveal()
	for name, in := range map[string]string{
		"alone": text, "in a path": "/x/" + text + ".json", "after a scheme": "Bearer " + text,
		"after a word":  "my_" + text,
		"before a word": text + "_x", "run into a letter": text + "x",
		"in quotes": `"` + text + `"`, "twice": text + "," + text, "among other scripts": "鍵" + text + "é",
	} {
		if found := secret.Find(in); len(found) == 0 || found[0] != text {
			t.Errorf("%s: not found", name)
		}
	}
	for _, in := range []string{"", "kl_", text[:20], "CI deploy", text[:len(text)-1] + "!"} {
		if found := secret.Find(in); len(found) > 0 {
			t.Errorf("found a secret in %d characters without one", len(in))
		}
	}
}

func TestSecretsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 10_000 {
		seen[secret.New("kl").Reveal()] = true
	}
	if len(seen) != 10_000 {
		t.Errorf("%d different secrets of 10000", len(seen))
	}
}

func FuzzParse(f *testing.F) {
	f.Add(secret.New("kl").Reveal())
	f.Add("kl_")
	f.Fuzz(func(t *testing.T, text string) {
		if s, ok := secret.Parse(text); ok && (s.Reveal() != text || len(s.Hint()) >= len(text)) {
			t.Errorf("%q was parsed and changed", text)
		}
	})
}
