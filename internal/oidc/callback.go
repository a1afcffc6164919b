package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/url"
	"regexp"
	"slices"

	"golang.org/x/oauth2"

	"github.com/keylodge/keylodge/internal/secret"
)

// checkCallback checks a browser's return without a request to the provider.
// The state comes first: without it, another site may have sent the browser.
// The issuer comes before the error (RFC 9207 section 2.4).
func checkCallback(p Provider, pending Pending, callback url.Values) error {
	for _, name := range []string{"state", "iss", "error", "code"} {
		if len(callback[name]) > 1 {
			return untrusted("callback: " + name + " is repeated")
		}
	}
	switch {
	case !same(callback.Get("state"), pending.State):
		return elsewhere("callback: another state")
	case pending.Nonce == "" || pending.Verifier == "":
		return elsewhere("callback: the stored sign-in is incomplete")
	case callback.Has("iss") && callback.Get("iss") != p.Issuer:
		return untrusted("callback: another issuer")
	case callback.Has("error"):
		return refused(Refusal{At: "callback", Code: callbackCodeOf(callback.Get("error"))})
	case callback.Get("code") == "":
		return untrusted("callback: no code")
	}
	return nil
}

// same compares in constant time. It returns false for two empty strings.
func same(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// exchange exchanges the code for tokens.
func (k *known) exchange(ctx context.Context, p Provider, redirectURL string, pending Pending,
	code string) (*oauth2.Token, error) {
	token, err := k.config(p, redirectURL).Exchange(ctx, code, oauth2.VerifierOption(pending.Verifier))
	if refusal, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return nil, refusedUs(Refusal{At: "token endpoint", Code: codeOf(refusal.ErrorCode)})
	}
	if err != nil {
		return nil, askingError("token endpoint", err)
	}
	return token, nil
}

// errorCodes are those of RFC 6749 sections 4.1.2.1 and 5.2, and of OpenID
// Connect Core 1.0 section 3.1.2.6.
var errorCodes = []string{
	"access_denied", "account_selection_required", "consent_required", "interaction_required", "invalid_client",
	"invalid_grant",
	"invalid_request", "invalid_request_object", "invalid_request_uri", "invalid_scope", "login_required",
	"registration_not_supported",
	"request_not_supported", "request_uri_not_supported", "server_error", "temporarily_unavailable",
	"unauthorized_client",
	"unsupported_grant_type", "unsupported_response_type",
}

// codeOf returns an error code of a standard, and [unknownCode] for any other
// text, which may repeat what the provider was sent.
func codeOf(code string) string {
	if slices.Contains(errorCodes, code) {
		return code
	}
	return unknownCode
}

const unknownCode = "an unknown error"

var codeShape = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// callbackCodeOf is codeOf for the browser's return. It also returns codes of
// the provider's own that look like one: nothing that we sent is as short, and
// it drops a secret that someone pasted there.
func callbackCodeOf(code string) string {
	if codeShape.MatchString(code) && len(secret.Find(code)) == 0 {
		return code
	}
	return codeOf(code)
}
