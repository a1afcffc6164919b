package leaks

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// The example of GitHub's documentation of 2022, whose key is published with
// it.
const (
	exampleID        = "90a421169f0a406205f1563a953312f0be898d3c7b6c06b681aa86a874555f4a"
	exampleBody      = `[{"token":"some_token","type":"some_type","url":"some_url"}]`
	exampleSignature = "MEUCIQDKZokqnCjrRtw0tni+2Ltvl/uiMJ1EGumEsp1BsNr32AIgQY1YXD2n" +
		"lj+XNfGK4rBfkMJ1JDOQcYXxa2sY8FNkrKc="
	exampleKey = "-----BEGIN PUBLIC KEY-----\n" +
		"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9MJJHnMfn2+H4xL4YaPDA4RpJqUq\n" +
		"kCmRCBnYERxZanmcpzQSXs1X/AljlKkbJ8qpVIW4clayyef9gWhFbNHWAA==\n" +
		"-----END PUBLIC KEY-----\n"
)

// publisher is where the keys are. It can be out of order.
type publisher struct {
	keys   map[string]string // PEM, by identifier
	asked  int
	broken bool
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	p.asked++
	if p.broken {
		http.Error(w, "rate limit", http.StatusForbidden)
		return
	}
	type key struct {
		Identifier string `json:"key_identifier"`
		Key        string `json:"key"`
		Current    bool   `json:"is_current"`
	}
	keys := []key{}
	for id, text := range p.keys {
		keys = append(keys, key{id, text, true})
	}
	json.NewEncoder(w).Encode(map[string]any{"public_keys": keys})
}

func newPublisher(t *testing.T) (*publisher, *GitHub, *time.Time) {
	p := &publisher{keys: map[string]string{exampleID: exampleKey}}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	g := NewGitHub(server.URL)
	g.now = func() time.Time { return now }
	return p, g, &now
}

func TestSignatures(t *testing.T) {
	p, g, _ := newPublisher(t)
	p.keys["p-384"] = pemOf(t, newKey(t, elliptic.P384()).Public())
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p.keys["rsa"], p.keys["none"] = pemOf(t, other.Public()), "no key"
	for name, c := range map[string]struct {
		id, signature, body string
		want                workspace.Kind
	}{
		"GitHub's own example":   {exampleID, exampleSignature, exampleBody, workspace.Internal},
		"another body":           {exampleID, exampleSignature, exampleBody + " ", workspace.Unauthenticated},
		"an unknown key":         {"unknown", exampleSignature, exampleBody, workspace.Unauthenticated},
		"no signature":           {exampleID, "", exampleBody, workspace.Unauthenticated},
		"no base64":              {exampleID, "?", exampleBody, workspace.Unauthenticated},
		"no ASN.1":               {exampleID, "AAAA", exampleBody, workspace.Unauthenticated},
		"a key of RSA":           {"rsa", exampleSignature, exampleBody, workspace.Unauthenticated},
		"a key of another curve": {"p-384", exampleSignature, exampleBody, workspace.Unauthenticated},
	} {
		err := g.Check(t.Context(), c.id, c.signature, []byte(c.body))
		if good := c.want == workspace.Internal; good != (err == nil) || !good && workspace.KindOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeysAreKeptAndLearnedAnew(t *testing.T) {
	p, g, now := newPublisher(t)
	secret := newKey(t, elliptic.P256())
	digest := sha256.Sum256([]byte("body"))
	sig, err := ecdsa.SignASN1(rand.Reader, secret, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	check := func(id string) workspace.Kind {
		t.Helper()
		err := g.Check(t.Context(), id, base64.StdEncoding.EncodeToString(sig), []byte("body"))
		if err == nil {
			return workspace.Internal
		}
		return workspace.KindOf(err)
	}
	steps := []struct {
		what  string
		do    func()
		id    string
		want  workspace.Kind
		asked int
	}{
		{"the keys are out of reach", func() { p.broken = true }, "new", workspace.Unavailable, 1},
		{"at once again", func() { p.broken = false }, "new", workspace.Unavailable, 1},
		{"a minute later", func() { *now = now.Add(time.Minute) }, "new", workspace.Unauthenticated, 2},
		{"the key is there, but it was asked just now", func() { p.keys["new"] = pemOf(t, secret.Public()) }, "new",
			workspace.Unauthenticated, 2},
		{"it is asked for", func() { *now = now.Add(time.Minute) }, "new", workspace.Internal, 3},
		{"it is known", func() { *now = now.Add(59 * time.Minute) }, "new", workspace.Internal, 3},
		{"it is old, and can't be had", func() { p.broken = true; *now = now.Add(time.Hour) }, "new",
			workspace.Internal,
			4},
		{"it is too old", func() { *now = now.Add(23 * time.Hour) }, "new", workspace.Unavailable, 5},
		{"it was withdrawn", func() { p.broken = false; delete(p.keys, "new"); *now = now.Add(time.Minute) }, "new",
			workspace.Unauthenticated, 6},
	}
	for _, s := range steps {
		s.do()
		if got := check(s.id); got != s.want || p.asked != s.asked {
			t.Errorf("%s: %v after %d questions, not %v after %d", s.what, got, p.asked, s.want, s.asked)
		}
	}
}

func newKey(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func pemOf(t *testing.T, public any) string {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
