package oidc

import (
	"context"
	"slices"
	"time"

	"golang.org/x/oauth2"
)

// claims are what a provider asserts about a person, as decoded JSON.
type claims map[string]any

// text returns a claim that is a string, and "" when it is missing or of
// another type.
func (c claims) text(name string) string {
	text, _ := c[name].(string)
	return text
}

// time returns a claim in seconds since 1970 as a time, and zero when it is
// missing or out of range.
func (c claims) time(name string) time.Time {
	seconds, _ := c[name].(float64)
	if seconds <= 0 || seconds > 1<<40 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0)
}

// isFor reports whether a token was made for a client (OpenID Connect Core 1.0
// section 3.1.3.7, points 3 to 5). The claim azp must name the client if there
// are several audiences, and may not name another one.
func (c claims) isFor(clientID string) bool {
	audiences, several := c["aud"].([]any)
	if !several {
		audiences = []any{c["aud"]}
	}
	party, told := c["azp"]
	if told && party != clientID || !told && len(audiences) > 1 {
		return false
	}
	return clientID != "" && slices.Contains(audiences, any(clientID))
}

func (c claims) identity() Identity {
	return Identity{
		Issuer: c.text("iss"), Subject: c.text("sub"), Email: c.text("email"),
		EmailVerified: c["email_verified"] == true,
		Name:          c.text("name"), Claims: c, AuthTime: c.time("auth_time"),
	}
}

// complete adds claims of the userinfo endpoint that the ID token lacks. If
// only the name is missing, the endpoint may fail.
func (k *known) complete(ctx context.Context, p Provider, token *oauth2.Token, told claims) error {
	lacks := func(name string) bool { return told[name] == nil }
	needed := told.text("email") == "" || slices.ContainsFunc(p.Claims, lacks)
	if k.metadata.UserInfoURL == "" || !needed && told.text("name") != "" {
		return nil
	}
	more, err := k.askUserInfo(ctx, token)
	switch {
	case err != nil && needed:
		return err
	case err != nil:
		return nil
	case more.text("sub") != told.text("sub"): // OpenID Connect Core 1.0 section 5.3.2
		return untrusted("userinfo: another subject")
	}
	told.add(more)
	return nil
}

// ofIDTokens are claims that count only in the signed ID token.
var ofIDTokens = []string{"iss", "aud", "exp", "iat", "nbf", "nonce", "azp", "acr", "amr", "auth_time", "at_hash",
	"c_hash"}

// add adds the claims that c lacks. The email and whether it is verified come
// from the same source.
func (c claims) add(more claims) {
	source := more
	if c.text("email") != "" {
		source = c
	}
	email, verified := source["email"], source["email_verified"]
	for name, value := range more {
		if c[name] == nil && !slices.Contains(ofIDTokens, name) {
			c[name] = value
		}
	}
	c["email"], c["email_verified"] = email, verified
}

// askUserInfo returns the claims of the userinfo endpoint.
func (k *known) askUserInfo(ctx context.Context, token *oauth2.Token) (more claims, err error) {
	info, err := k.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err == nil {
		err = info.Claims(&more)
	}
	if err != nil {
		return nil, askingError("userinfo", err)
	}
	return more, nil
}
