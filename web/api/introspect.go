package api

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/workspace"
)

// introspect answers OAuth 2.0 Token Introspection (RFC 7662). Any token but a
// valid key of the caller's workspace is {"active":false}, without a reason.
func (s *Server) introspect(w http.ResponseWriter, r *http.Request, body *bytes.Buffer) error {
	h := w.Header()
	form, formErr := readIntrospection(r, body)
	by, err := s.verifyCaller(h, r, clientCredential(r, form))
	if err != nil {
		return err
	}
	if formErr != nil {
		return formErr
	}
	token, err := oneToken(form)
	if err != nil {
		return err
	}
	result := s.verifyFor(by, token, workspace.Attempt{})
	if result.Decision == workspace.DecisionRateLimited {
		setRateLimit(h, result.Quota)
		httpguard.SetRetryAfter(h, result.Quota.RetryAfter)
		return errOverRate
	}
	s.writeVerification(w, func(body []byte) []byte { return s.appendIntrospection(body, result) })
	return nil
}

// errOverRate is the error for a token that is valid, but over its rate: RFC
// 7662 has no response for that.
var errOverRate = &workspace.Error{Kind: workspace.Throttled,
	Message: "The key was used more often than its rate allows. It is active, but not now."}

// readIntrospection returns the form that a request sends.
func readIntrospection(r *http.Request, body *bytes.Buffer) (url.Values, error) {
	if !httpguard.HasMediaType(r, "application/x-www-form-urlencoded") {
		return nil, &httpguard.Error{Status: http.StatusUnsupportedMediaType,
			Message: "Send application/x-www-form-urlencoded."}
	}
	form, err := url.ParseQuery(body.String())
	if err != nil {
		return nil, errOneToken
	}
	return form, nil
}

var errOneToken = &httpguard.Error{
	Status:  http.StatusBadRequest,
	Message: "Send a form with one token in it, as token=…",
}

// oneToken returns the token in a form. Its token_type_hint is ignored.
func oneToken(form url.Values) (string, error) {
	if tokens := form["token"]; len(tokens) == 1 && tokens[0] != "" {
		return tokens[0], nil
	}
	return "", errOneToken
}

// clientCredential returns the key of an OAuth client. It comes as the password
// of HTTP Basic, where it may be form-encoded, as client_secret in the form
// (both RFC 6749 section 2.3.1), or as any other key. When a request presents
// several, none counts. The client's id is ignored.
func clientCredential(r *http.Request, form url.Values) credential {
	from := presentedCredential(r)
	n := 0 // credentials
	if from.presented {
		n++
	}
	authorization := r.Header["Authorization"]
	if len(authorization) > 0 && hasScheme(authorization[0], "Basic") {
		_, password, _ := r.BasicAuth()
		from.text, _ = url.QueryUnescape(password)
		from.asClient = true
		n++
	}
	for _, text := range form["client_secret"] {
		from.text, from.asClient = text, true
		n++
	}
	from.presented = n > 0
	if n > 1 || len(authorization) > 1 {
		from.text = ""
	}
	return from
}

// appendIntrospection appends the response of RFC 7662 section 2.2. A key with
// full access has no "scope": it may do all that its owner may. key_name, role
// and workspace are extensions.
func (s *Server) appendIntrospection(b []byte, a keyindex.Result) []byte {
	if a.Decision != workspace.DecisionValid {
		return append(b, `{"active":false}`...)
	}
	b = append(b, `{"active":true,"token_type":"Bearer","iss":`...)
	b = appendText(b, s.Hosts.Origin(""))
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

// oauthErrors are the codes of RFC 6749 section 5.2 that OAuth clients look
// for, by status.
var oauthErrors = map[int]string{
	http.StatusBadRequest:           "invalid_request",
	http.StatusUnsupportedMediaType: "invalid_request",
	http.StatusUnauthorized:         "invalid_client",
	http.StatusForbidden:            "access_denied",
}
