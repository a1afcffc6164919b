// Package leaks verifies that a report of leaked keys comes from GitHub, which
// scans public repositories for them and reports them to their issuers
// (https://docs.github.com/code-security/secret-scanning/secret-scanning-partnership-program/secret-scanning-partner-program).
package leaks

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// KeysURL is where GitHub publishes the keys that it signs reports with.
const KeysURL = "https://api.github.com/meta/public_keys/secret_scanning"

const (
	freshFor     = time.Hour       // how long keys are used before they are fetched again
	staleFor     = 24 * time.Hour  // how long keys are used while they can't be fetched
	fetchEvery   = time.Minute     // the shortest time between two fetches
	fetchTimeout = 5 * time.Second // of one fetch
	maxKeys      = 1 << 20         // bytes of the answer
)

// GitHub verifies GitHub's signatures. It is safe for concurrent use.
type GitHub struct {
	url  string
	http *http.Client
	now  func() time.Time

	mu      sync.Mutex
	keys    map[string]*ecdsa.PublicKey // by identifier
	fetched time.Time                   // when keys were fetched
	tried   time.Time                   // when a fetch was last tried
}

// NewGitHub returns a GitHub whose keys are published at a URL. It fetches them
// when it first needs them.
func NewGitHub(url string) *GitHub {
	return &GitHub{url: url, now: time.Now, http: &http.Client{
		Timeout:       fetchTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

var errUntrue = &workspace.Error{Kind: workspace.Unauthenticated,
	Message: "This is not signed by a key of GitHub’s, so nothing was done."}

// Check verifies that a body was signed with the key of an identifier: ECDSA
// with P-256 and SHA-256, as ASN.1 in base64. Its error is of kind
// Unauthenticated when it was not, and Unavailable when the keys can't be
// fetched.
func (g *GitHub) Check(ctx context.Context, identifier, signature string, body []byte) error {
	sig, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return errUntrue
	}
	key, err := g.key(ctx, identifier)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(body)
	if key == nil || !ecdsa.VerifyASN1(key, digest[:], sig) {
		return errUntrue
	}
	return nil
}

// key returns the key of an identifier, nil when there is none. It fetches the
// keys when those that it has are old or lack it.
func (g *GitHub) key(ctx context.Context, identifier string) (*ecdsa.PublicKey, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	key := g.keys[identifier]
	if key != nil && now.Sub(g.fetched) < freshFor {
		return key, nil
	}
	if now.Sub(g.tried) >= fetchEvery {
		g.tried = now
		keys, err := g.fetch(ctx)
		if err == nil {
			g.keys, g.fetched = keys, now
			return keys[identifier], nil
		}
		if now.Sub(g.fetched) >= staleFor {
			return nil, &workspace.Error{Kind: workspace.Unavailable,
				Message: "GitHub’s keys can’t be had now. Send this again later.", Cause: err}
		}
	}
	if now.Sub(g.fetched) >= staleFor {
		return nil, &workspace.Error{Kind: workspace.Unavailable,
			Message: "GitHub’s keys can’t be had now. Send this again later."}
	}
	return key, nil
}

func (g *GitHub) fetch(ctx context.Context) (map[string]*ecdsa.PublicKey, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, g.url, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "Keylodge")                              // GitHub wants one
	answer, err := g.http.Do(r.WithContext(context.WithoutCancel(ctx))) // other reports wait for the answer too
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", g.url, answer.Status)
	}
	var published struct {
		Keys []struct {
			Identifier string `json:"key_identifier"`
			PEM        string `json:"key"`
		} `json:"public_keys"`
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxKeys)).Decode(&published); err != nil {
		return nil, err
	}
	keys := map[string]*ecdsa.PublicKey{}
	for _, k := range published.Keys {
		if key, err := parseKey(k.PEM); err == nil { // GitHub may add keys of other algorithms
			keys[k.Identifier] = key
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s has no usable key", g.url)
	}
	return keys, nil
}

func parseKey(text string) (*ecdsa.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("not PEM")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("not a key on P-256")
	}
	return key, nil
}
