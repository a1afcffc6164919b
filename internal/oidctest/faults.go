package oidctest

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Fault is one way to misbehave. Each function changes what the provider is
// about to send; Instead replaces the response of a path.
type Fault struct {
	Metadata Change
	Callback func(back url.Values)
	Tokens   Change
	Claims   Change // of the ID token, before it is signed
	UserInfo Change
	Instead  map[string]http.HandlerFunc

	sign func(claims map[string]any) string
}

// Change changes a JSON object.
type Change func(p *Provider, object map[string]any)

func (c Change) apply(p *Provider, object map[string]any) {
	if c != nil {
		c(p, object)
	}
}

// Elsewhere is a URL of another server.
const Elsewhere = "https://elsewhere.example"

// Faults in what the provider publishes.
var (
	IssuerDiffersInMetadata = metadata("issuer", Elsewhere)
	NoCodeFlow              = metadata("response_types_supported", []string{"id_token"})
	NoPKCE                  = metadata("code_challenge_methods_supported", []string{"plain"})
	SymmetricOnly           = metadata("id_token_signing_alg_values_supported", []string{"HS256", "none"})
	PlainHTTP               = metadata("token_endpoint", "http://elsewhere.example/token")
	NoKeysURL               = metadata("jwks_uri", nil)
	NoSecretTaken           = metadata("token_endpoint_auth_methods_supported", []string{"private_key_jwt"})
)

// What a provider may do, though few do.
var (
	SecretInForm     = metadata("token_endpoint_auth_methods_supported", []string{"client_secret_post"})
	NamesItselfNever = metadata("authorization_response_iss_parameter_supported", nil)
	// EmailInUserInfoOnly has no email in the ID token.
	EmailInUserInfoOnly = Fault{Claims: func(_ *Provider, c map[string]any) {
		delete(c, "email")
		delete(c, "email_verified")
	}}
)

// Faults in what the browser brings back.
var (
	OtherIssuerInCallback = callback("iss", Elsewhere)
	NoIssuerInCallback    = callback("iss", "")
	OtherState            = callback("state", "of another browser")
	NoCode                = callback("code", "")
	CodeTwice             = Fault{Callback: func(back url.Values) { back.Add("code", "another") }}
)

// Faults in how the ID token is signed.
var (
	AlgorithmNone     = Fault{sign: unsigned}
	HS256OfPublicKey  = Fault{sign: confused}
	SignedByStranger  = Fault{sign: signedByStranger}
	ChangedAfterwards = Fault{sign: tampered}
	NoIDToken         = Fault{Tokens: func(_ *Provider, reply map[string]any) { delete(reply, "id_token") }}
	NotAToken         = Fault{Tokens: func(_ *Provider, reply map[string]any) { reply["id_token"] = "not.a.token" }}
)

// Faults in what the ID token says.
var (
	WrongIssuer     = Claim("iss", Elsewhere)
	LookalikeIssuer = Fault{Claims: func(p *Provider, c map[string]any) { c["iss"], c["iſs"] = Elsewhere, p.URL() }}
	WrongAudience   = Claim("aud", "another client")
	NoParty         = Fault{Claims: func(p *Provider, c map[string]any) {
		c["aud"] = []string{p.ClientID, "another client"}
	}}
	WrongParty       = Claim("azp", "another client")
	WrongNonce       = Claim("nonce", "of another sign-in")
	NoNonce          = Claim("nonce", nil)
	Expired          = ClaimAt("exp", -time.Second)
	IssuedLater      = ClaimAt("iat", 3*time.Minute)
	NotYetValid      = ClaimAt("nbf", 10*time.Minute)
	NoSubject        = Claim("sub", nil)
	EmptySubject     = Claim("sub", "")
	LongSubject      = Claim("sub", strings.Repeat("s", 256))
	WrongTokenHash   = Claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA")
	VerifiedAsString = Claim("email_verified", "true")
)

// Faults at the userinfo endpoint, which the client asks since the ID token has
// no email.
var (
	OtherUserInfo     = userInfo("sub", "somebody else")
	NoUserInfoSubject = userInfo("sub", nil)
)

// Claim is a fault that sets a claim of the ID token; nil removes it.
func Claim(name string, value any) Fault {
	return Fault{Claims: func(_ *Provider, c map[string]any) { set(c, name, value) }}
}

// ClaimAt is a fault that sets a claim of the ID token to a time from now.
func ClaimAt(name string, fromNow time.Duration) Fault {
	return Fault{Claims: func(_ *Provider, c map[string]any) { c[name] = time.Now().Add(fromNow).Unix() }}
}

// Hang is a fault: a path never answers.
func Hang(path string) Fault {
	return instead(path, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // else the server doesn't notice that the client has hung up
		<-r.Context().Done()
	})
}

// HangWithin is a fault: a path begins a response and does not end it.
func HangWithin(path string) Fault {
	return instead(path, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, "{")
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
}

// HangUp is a fault: a path ends the connection without an answer.
func HangUp(path string) Fault {
	return instead(path, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// Garble is a fault: a path echoes the request's body, not as HTTP.
func Garble(path string) Fault {
	return instead(path, func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			conn.Write(append(sent, "\r\n\r\n"...))
			conn.Close()
		}
	})
}

// Endless is a fault: a path sends an endless response.
func Endless(path string) Fault {
	return instead(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for spaces := []byte(strings.Repeat(" ", 1<<16)); ; {
			if _, err := w.Write(spaces); err != nil {
				return
			}
		}
	})
}

// Status is a fault: a path answers with a status, and repeats in its error the
// request's body and credentials.
func Status(path string, status int) Fault {
	return instead(path, func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		all := string(sent) + " " + r.Header.Get("Authorization")
		answer(w, status, map[string]any{"error": all, "error_description": all})
	})
}

// Redirect is a fault: a path redirects.
func Redirect(path, to string) Fault {
	return instead(path, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, to,
			http.StatusTemporaryRedirect)
	})
}

func instead(path string, answer http.HandlerFunc) Fault {
	return Fault{Instead: map[string]http.HandlerFunc{path: answer}}
}

func metadata(name string, value any) Fault {
	return Fault{Metadata: func(_ *Provider, m map[string]any) { set(m, name, value) }}
}

func userInfo(name string, value any) Fault {
	return Fault{
		Claims:   EmailInUserInfoOnly.Claims,
		UserInfo: func(_ *Provider, c map[string]any) { set(c, name, value) },
	}
}

func callback(name, value string) Fault {
	return Fault{Callback: func(back url.Values) {
		back.Set(name, value)
		if value == "" {
			back.Del(name)
		}
	}}
}

func set(claims map[string]any, name string, value any) {
	claims[name] = value
	if value == nil {
		delete(claims, name)
	}
}
