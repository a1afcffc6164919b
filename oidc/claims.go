package oidc

import (
	"context"
	"slices"
	"time"

	"golang.org/x/oauth2"
)

// claims are what a provider says of somebody, as JSON has it.
type claims map[string]any

// text returns a claim that is a string, and "" when there is none or it is something else.
func (c claims) text(name string) string {
	text, _ := c[name].(string)
	return text
}

// time returns a claim that is in seconds since 1970, and zero when there is none or it makes no sense.
func (c claims) time(name string) time.Time {
	seconds, _ := c[name].(float64)
	if seconds <= 0 || seconds > 1<<40 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0)
}

// isFor says whether a client is who a token was made for (OpenID Connect Core 1.0 section 3.1.3.7, points 3 to 5). With
// several audiences the token must say that; with one it may say nothing else.
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
		Issuer: c.text("iss"), Subject: c.text("sub"), Email: c.text("email"), EmailVerified: c["email_verified"] == true,
		Name: c.text("name"), Claims: c, AuthTime: c.time("auth_time"),
	}
}

// askUserInfo adds to the claims of an ID token what it doesn't say but the userinfo endpoint does, when that speaks of the
// same person (OpenID Connect Core 1.0 section 5.3.2). The email and whether it is verified come from one source.
func (k *known) askUserInfo(ctx context.Context, token *oauth2.Token, told claims) error {
	info, err := k.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return askingError("userinfo", err)
	}
	var more claims
	if err := info.Claims(&more); err != nil {
		return askingError("userinfo", err)
	}
	if more.text("sub") != told.text("sub") {
		return untrusted("userinfo: of another subject")
	}
	delete(told, "email")
	delete(told, "email_verified")
	for name, value := range more {
		if _, said := told[name]; !said {
			told[name] = value
		}
	}
	return nil
}
