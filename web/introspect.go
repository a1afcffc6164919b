package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"

	"github.com/keylodge/keylodge/keyindex"
	"github.com/keylodge/keylodge/workspace"
)

// introspect is OAuth 2.0 Token Introspection (RFC 7662). Whatever is no good key of the caller's workspace is
// {"active":false}, and nothing more is told of it.
func (s *Server) introspect(w http.ResponseWriter, r *http.Request, body *bytes.Buffer) error {
	h := w.Header()
	view, caller, err := s.caller(h, r, true)
	if err != nil {
		return err
	}
	token, err := readToken(r, body)
	if err != nil {
		return err
	}
	a := s.checkFor(view, caller, token, workspace.Ask{})
	if a.Decision == workspace.DecisionRateLimited {
		setRateLimit(h, a.Quota)
		setRetryAfter(h, a.Quota.RetryAfter)
		return &workspace.Error{Kind: workspace.Throttled, Message: "The key was used more often than its rate allows. It is active, but not now."}
	}
	out := bodies.Get().(*[]byte)
	defer bodies.Put(out)
	*out = s.appendIntrospection((*out)[:0], a)
	s.writeChecked(w, *out)
	return nil
}

// readToken returns the one token that a form asks about. The form may say token_type_hint too, which changes nothing.
func readToken(r *http.Request, body *bytes.Buffer) (string, error) {
	if !hasMediaType(r, "application/x-www-form-urlencoded") {
		return "", &requestError{http.StatusUnsupportedMediaType, "Send application/x-www-form-urlencoded."}
	}
	form, err := url.ParseQuery(body.String())
	tokens := form["token"]
	if err != nil || len(tokens) != 1 || tokens[0] == "" {
		return "", &requestError{http.StatusBadRequest, "Send a form with one token in it, as token=…"}
	}
	return tokens[0], nil
}

// appendIntrospection appends what is known of a token (RFC 7662 section 2.2). A key with full access has no "scope":
// it does all that its owner may. key_name, role and workspace are additions of ours.
func (s *Server) appendIntrospection(b []byte, a keyindex.Answer) []byte {
	if a.Decision != workspace.DecisionValid {
		return append(b, `{"active":false}`...)
	}
	b = append(b, `{"active":true,"token_type":"Bearer","iss":`...)
	b = appendText(b, s.hosts.origin(""))
	b = append(b, `,"sub":"`...)
	b = append(b, a.Owner.UserID...)
	b = append(b, `","jti":"`...)
	b = workspace.AppendKeyID(b, a.KeyID)
	b = append(b, `","client_id":"`...)
	b = workspace.AppendKeyID(b, a.KeyID)
	b = append(b, `","iat":`...)
	b = strconv.AppendInt(b, workspace.KeyIDTime(a.KeyID).Unix(), 10)
	if !a.ExpiresAt.IsZero() {
		b = append(b, `,"exp":`...)
		b = strconv.AppendInt(b, a.ExpiresAt.Unix(), 10)
	}
	if a.Limits != nil && a.Limits.Scopes != nil {
		b = append(b, `,"scope":`...)
		b = appendText(b, a.Limits.ScopeText)
	}
	b = append(b, `,"key_name":`...)
	b = appendText(b, a.KeyName)
	b = append(b, `,"role":"`...)
	b = append(b, a.Owner.Role...)
	b = append(b, `","workspace":"`...)
	b = append(b, a.Owner.Workspace.Slug...)
	return append(b, `"}`...)
}

// oauthErrors are the codes of RFC 6749 section 5.2 that clients of introspection look for, by status.
var oauthErrors = map[int]string{
	http.StatusBadRequest:           "invalid_request",
	http.StatusUnsupportedMediaType: "invalid_request",
	http.StatusUnauthorized:         "invalid_client",
	http.StatusForbidden:            "access_denied",
}
