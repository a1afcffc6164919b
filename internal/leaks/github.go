// Package leaks tells whether a report of leaked keys comes from GitHub, which
// scans public repositories for them and tells who issued them
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
	freshFor = time.Hour       // keys are used without being asked for again
	goodFor  = 24 * time.Hour  // and for as long while they can't be had
	askEvery = time.Minute     // a report with an unknown key asks no more often
	askLimit = 5 * time.Second // for one question
	maxKeys  = 1 << 20         // bytes of the answer
)

// GitHub checks signatures of GitHub's. It may be used by many at once.
type GitHub struct {
	url  string
	http *http.Client
	now  func() time.Time

	mu      sync.Mutex
	keys    map[string]*ecdsa.PublicKey // by identifier
	learned time.Time                   // when keys were had
	asked   time.Time                   // when they were last asked for
}

// NewGitHub returns what checks signatures with the keys that are published at
// an address, which it asks when it first needs them.
func NewGitHub(url string) *GitHub {
	return &GitHub{url: url, now: time.Now, http: &http.Client{
		Timeout:       askLimit,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

var errUntrue = &workspace.Error{Kind: workspace.Unauthenticated,
	Message: "This is not signed by a key of GitHub’s, so nothing was done."}

// Check says whether a body was signed with the key of an identifier: ECDSA
// with P-256 and SHA-256, as ASN.1 in base64. The error is of kind
// Unauthenticated when it was not, and Unavailable when that can't be told
// because the keys can't be had.
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

// key returns the key of an identifier, nil when there is none, and asks for
// the keys when those that are known are old or lack it.
func (g *GitHub) key(ctx context.Context, identifier string) (*ecdsa.PublicKey, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	key := g.keys[identifier]
	if key != nil && now.Sub(g.learned) < freshFor {
		return key, nil
	}
	if now.Sub(g.asked) >= askEvery {
		g.asked = now
		keys, err := g.ask(ctx)
		if err == nil {
			g.keys, g.learned = keys, now
			return keys[identifier], nil
		}
		if now.Sub(g.learned) >= goodFor {
			return nil, &workspace.Error{Kind: workspace.Unavailable,
				Message: "GitHub’s keys can’t be had now. Send this again later.", Cause: err}
		}
	}
	if now.Sub(g.learned) >= goodFor {
		return nil, &workspace.Error{Kind: workspace.Unavailable,
			Message: "GitHub’s keys can’t be had now. Send this again later."}
	}
	return key, nil
}

func (g *GitHub) ask(ctx context.Context) (map[string]*ecdsa.PublicKey, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, g.url, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "Keylodge")                              // GitHub wants one
	answer, err := g.http.Do(r.WithContext(context.WithoutCancel(ctx))) // others wait for the answer too
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
		if key, err := parseKey(k.PEM); err == nil { // of another algorithm, one day
			keys[k.Identifier] = key
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s has no key that is of use", g.url)
	}
	return keys, nil
}

func parseKey(text string) (*ecdsa.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("this is no PEM")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("this is no key of P-256")
	}
	return key, nil
}
