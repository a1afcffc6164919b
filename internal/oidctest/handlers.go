package oidctest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The paths of a provider.
const (
	DiscoveryPath = "/.well-known/openid-configuration"
	KeysPath      = "/jwks"
	AuthorizePath = "/authorize"
	TokenPath     = "/token"
	UserInfoPath  = "/userinfo"
)

// handler serves all paths, one request at a time, except what a fault answers
// instead.
func (p *Provider) handler() http.Handler {
	pages := map[string]http.HandlerFunc{
		DiscoveryPath: p.discovery, KeysPath: p.keys, AuthorizePath: p.authorize, TokenPath: p.token,
		UserInfoPath: p.userInfo,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked[r.URL.Path]++
		for _, f := range p.faults {
			if instead := f.Instead[r.URL.Path]; instead != nil {
				p.mu.Unlock()
				instead(w, r)
				return
			}
		}
		defer p.mu.Unlock()
		page, ok := pages[r.URL.Path]
		if !ok {
			page = http.NotFound
		}
		page(w, r)
	})
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, p.metadata())
}

func (p *Provider) metadata() map[string]any {
	m := map[string]any{
		"issuer":                                         p.URL(),
		"authorization_endpoint":                         p.URL() + AuthorizePath,
		"token_endpoint":                                 p.URL() + TokenPath,
		"jwks_uri":                                       p.URL() + KeysPath,
		"userinfo_endpoint":                              p.URL() + UserInfoPath,
		"response_types_supported":                       []string{"code"},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{"RS256", "RS512", "PS256", "ES256", "EdDSA"},
		"code_challenge_methods_supported":               []string{"S256"},
		"authorization_response_iss_parameter_supported": true,
	}
	for _, f := range p.faults {
		f.Metadata.apply(p, m)
	}
	return m
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, publicKeys())
}

// authorize sends the browser back at once, with a code for the person (OpenID
// Connect Core 1.0 section 3.1.2).
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if why := p.wrongRequest(q); why != "" {
		http.Error(w, why, http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {q.Get("state")}, "iss": {p.URL()}}
	if p.person == nil {
		back.Set("error", "access_denied")
		back.Set("error_description", "Nobody is <b>there</b>.")
	} else {
		code := p.newSecret("code")
		p.grants[code] = &grant{
			person: *p.person, nonce: q.Get("nonce"), challenge: q.Get("code_challenge"),
			redirectTo: q.Get("redirect_uri"),
		}
		back.Set("code", code)
	}
	for _, f := range p.faults {
		if f.Callback != nil {
			f.Callback(back)
		}
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

func (p *Provider) wrongRequest(q url.Values) string {
	switch {
	case q.Get("client_id") != p.ClientID:
		return "Another client."
	case q.Get("response_type") != "code":
		return "Not the code flow."
	case !slices.Contains(strings.Fields(q.Get("scope")), "openid"):
		return "No scope openid."
	case q.Get("redirect_uri") == "":
		return "No redirect_uri."
	case q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "":
		return "No PKCE with S256."
	}
	return ""
}

// token exchanges a code for tokens, once (RFC 6749 section 4.1.3, RFC 7636
// section 4.6).
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.ParseForm() != nil {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_request"})
		return
	}
	if !p.isClient(r) {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	}
	g := p.grants[r.PostForm.Get("code")]
	if g == nil || g.used || r.PostForm.Get("grant_type") != "authorization_code" ||
		r.PostForm.Get("redirect_uri") != g.redirectTo || challengeOf(r.PostForm.Get("code_verifier")) != g.challenge {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant",
			"error_description": "The code is no good."})
		return
	}
	g.used = true
	access := p.newSecret("access")
	p.tokens[access] = g
	reply := map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": p.idToken(g)}
	for _, f := range p.faults {
		f.Tokens.apply(p, reply)
	}
	answer(w, http.StatusOK, reply)
}

// isClient checks the client secret by the methods in the metadata:
// client_secret_basic, the default, and client_secret_post (RFC 6749 section
// 2.3.1). A public client has no secret.
func (p *Provider) isClient(r *http.Request) bool {
	methods, _ := p.metadata()["token_endpoint_auth_methods_supported"].([]string)
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
		return id == p.ClientID && secret == p.ClientSecret && (secret == "" ||
			slices.Contains(methods, "client_secret_post"))
	}
	id, _ = url.QueryUnescape(id)
	secret, _ = url.QueryUnescape(secret)
	return id == p.ClientID && secret == p.ClientSecret && (methods == nil ||
		slices.Contains(methods, "client_secret_basic"))
}

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (p *Provider) idToken(g *grant) string {
	now := time.Now()
	claims := g.person.told()
	for name, value := range map[string]any{
		"iss": p.URL(), "aud": p.ClientID, "nonce": g.nonce,
		"iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "auth_time": now.Add(-time.Minute).Unix(),
	} {
		claims[name] = value
	}
	for _, f := range p.faults {
		f.Claims.apply(p, claims)
	}
	signed := p.sign(claims)
	p.secrets = append(p.secrets, signed)
	return signed
}

func (p *Provider) userInfo(w http.ResponseWriter, r *http.Request) {
	g := p.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if g == nil {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token"})
		return
	}
	claims := g.person.told()
	for _, f := range p.faults {
		f.UserInfo.apply(p, claims)
	}
	answer(w, http.StatusOK, claims)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}
