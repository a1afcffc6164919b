package oidctest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

// keyring has the keys by algorithm. They are made once, since making RSA keys
// is slow.
var keyring = sync.OnceValue(func() map[string]crypto.Signer {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	r := newRSA()
	return map[string]crypto.Signer{"RS256": r, "PS256": r, "RS512": r, "ES256": newECDSA(), "EdDSA": ed}
})

// strangerKey is a key that no provider publishes.
var strangerKey = sync.OnceValue(newRSA)

func newRSA() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	return key
}

func newECDSA() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	return key
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// publicKeys returns the JWK set. The RSA key serves three algorithms, so it
// names none.
func publicKeys() jose.JSONWebKeySet {
	var set jose.JSONWebKeySet
	for _, algorithm := range []string{"RS256", "ES256", "EdDSA"} {
		key := keyring()[algorithm]
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: keyID(algorithm), Use: "sig"})
	}
	return set
}

func keyID(algorithm string) string {
	if algorithm == "PS256" || algorithm == "RS512" {
		algorithm = "RS256"
	}
	return "key for " + algorithm
}

// sign signs as the first fault with a signature of its own, or else correctly.
func (p *Provider) sign(claims map[string]any) string {
	for _, f := range p.faults {
		if f.sign != nil {
			return f.sign(claims)
		}
	}
	return signWith(p.algorithm, keyring()[p.algorithm], claims)
}

func signWith(algorithm string, key any, claims map[string]any) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(algorithm), Key: key},
		(&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", keyID(algorithm)))
	must(err)
	signed, err := signer.Sign(payload(claims))
	must(err)
	text, err := signed.CompactSerialize()
	must(err)
	return text
}

// unsigned makes a token of the algorithm "none" (RFC 7518 section 3.6).
func unsigned(claims map[string]any) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode(payload(claims)) + "."
}

// confused signs with HS256 and the public RSA key as the secret.
func confused(claims map[string]any) string {
	der, err := x509.MarshalPKIXPublicKey(keyring()["RS256"].Public())
	must(err)
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	return signWith("HS256", public, claims)
}

func signedByStranger(claims map[string]any) string { return signWith("RS256", strangerKey(), claims) }

// tampered changes the claims after they were signed.
func tampered(claims map[string]any) string {
	parts := strings.Split(signWith("RS256", keyring()["RS256"], claims), ".")
	claims["sub"] = "somebody else"
	parts[1] = base64.RawURLEncoding.EncodeToString(payload(claims))
	return strings.Join(parts, ".")
}

func payload(claims map[string]any) []byte {
	text, err := json.Marshal(claims)
	must(err)
	return text
}
