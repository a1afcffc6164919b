package api

import (
	"bytes"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/workspace"
)

// verifyJSON answers services: whether each key is valid, and if not, why. The
// caller presents a key of its own; it can't find keys of other workspaces.
func (s *Server) verifyJSON(w http.ResponseWriter, r *http.Request, body *bytes.Buffer) error {
	by, err := s.verifyCaller(w.Header(), r, presentedCredential(r))
	if err != nil {
		return err
	}
	request, err := readVerifyRequest(r, body)
	if err != nil {
		return err
	}
	s.writeVerification(w, func(b []byte) []byte {
		if request.batch {
			b = append(b, `{"data":[`...)
		}
		for i, item := range request.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendVerified(b, s.verifyFor(by, item.key, workspace.Attempt{Scopes: item.scopes, IP: item.ip}))
		}
		if request.batch {
			b = append(b, "]}"...)
		}
		return append(b, '\n')
	})
	return nil
}

// appendVerified appends one result as JSON, without reflection.
func appendVerified(b []byte, a keyindex.Result) []byte {
	b = append(b, `{"valid":`...)
	b = strconv.AppendBool(b, a.Decision == workspace.DecisionValid)
	b = append(b, `,"code":"`...)
	b = append(b, a.Decision...)
	b = append(b, '"')
	if !a.Found {
		return append(b, `,"key":null}`...)
	}
	b = append(b, `,"role":"`...)
	b = append(b, a.Owner.Role...)
	b = append(b, `","key":{"id":"`...)
	b = workspace.AppendKeyID(b, a.KeyID)
	b = append(b, `","name":`...)
	b = appendText(b, a.KeyName)
	b = append(b, `,"access":"`...)
	b = append(b, workspace.AccessOf(scopesOf(a.Limits))...)
	b = append(b, `","scopes":`...)
	b = appendScopes(b, scopesOf(a.Limits))
	b = append(b, `,"owner":{"id":"`...)
	b = append(b, a.Owner.UserID...)
	b = append(b, `"},"workspace":"`...)
	b = append(b, a.Owner.Workspace.Slug...)
	b = append(b, `","expires_at":`...)
	if a.ExpiresAt.IsZero() {
		b = append(b, "null"...)
	} else {
		b = append(b, '"')
		b = a.ExpiresAt.AppendFormat(b, time.RFC3339)
		b = append(b, '"')
	}
	b = append(b, '}')
	if q := a.Quota; q.Rate != (ratelimit.Rate{}) {
		b = append(b, `,"rate_limit":{"limit":`...)
		b = strconv.AppendInt(b, int64(q.Rate.Requests), 10)
		b = append(b, `,"window":`...)
		b = strconv.AppendInt(b, int64(httpguard.WholeSeconds(q.Rate.Window)), 10)
		b = append(b, `,"remaining":`...)
		b = strconv.AppendInt(b, int64(q.Remaining), 10)
		b = append(b, `,"reset":`...)
		b = strconv.AppendInt(b, int64(httpguard.WholeSeconds(q.Reset)), 10)
		b = append(b, `,"retry_after":`...)
		b = strconv.AppendInt(b, int64(httpguard.WholeSeconds(q.RetryAfter)), 10)
		b = append(b, '}')
	}
	return append(b, '}')
}

// scopesOf returns the scopes of a key, nil for full access.
func scopesOf(l *keyindex.Limits) []string {
	if l == nil {
		return nil
	}
	return l.Scopes
}

// appendScopes appends an array of scopes, or null for full access.
func appendScopes(b []byte, scopes []string) []byte {
	if scopes == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, scope := range scopes {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, scope)
	}
	return append(b, ']')
}

// appendText appends a JSON string. Its one error, invalid UTF-8, can't happen:
// names and scopes are valid.
func appendText(b []byte, text string) []byte {
	b, _ = jsontext.AppendQuote(b, text)
	return b
}
