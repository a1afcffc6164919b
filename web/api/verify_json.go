package api

import (
	"bytes"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// verifyJSON answers services: for each key whether it is good, and if not why.
// The caller presents a key of its own; keys of other workspaces than the
// caller's don't exist for it.
func (s *Server) verifyJSON(w http.ResponseWriter, r *http.Request, question *bytes.Buffer) error {
	view, caller, err := s.caller(w.Header(), r, bearerCredential(r))
	if err != nil {
		return err
	}
	q, err := readVerifyRequest(r, question)
	if err != nil {
		return err
	}
	out := bodies.Get().(*[]byte)
	defer bodies.Put(out)
	body := (*out)[:0]
	if q.batch {
		body = append(body, `{"data":[`...)
	}
	for i, item := range q.items {
		if i > 0 {
			body = append(body, ',')
		}
		body = appendVerified(body, s.checkFor(view, caller, item.key, workspace.Attempt{Scopes: item.scopes, IP: item.address}))
	}
	if q.batch {
		body = append(body, "]}"...)
	}
	*out = append(body, '\n')
	s.writeChecked(w, *out)
	return nil
}

// checkFor checks a key for a caller, in the view that has let the caller
// through.
func (s *Server) checkFor(view keyindex.View, caller keyindex.Result, key string, ask workspace.Attempt) keyindex.Result {
	presented, ok := secret.Parse(key)
	if !ok {
		return keyindex.Result{Decision: workspace.DecisionMalformed}
	}
	ask.Now = s.Service.Now()
	return view.Verify(keyindex.Request{Attempt: ask, Secret: presented, Slug: caller.Owner.Workspace.Slug})
}

var bodies = sync.Pool{New: func() any { return new([]byte) }}

var jsonType = []string{"application/json; charset=utf-8"}

// writeChecked writes the answer to a check.
func (s *Server) writeChecked(w http.ResponseWriter, body []byte) {
	h := w.Header()
	s.setHeaders(h)
	h["Content-Type"] = jsonType
	w.Write(body) // fails only when the caller has gone
}

// appendVerified appends one answer as JSON, without reflection.
func appendVerified(b []byte, a keyindex.Result) []byte {
	b = append(b, `{"valid":`...)
	b = strconv.AppendBool(b, a.Decision == workspace.DecisionValid)
	b = append(b, `,"code":"`...)
	b = append(b, a.Decision...)
	b = append(b, `","key":`...)
	if !a.Found {
		return append(b, "null}"...)
	}
	b = append(b, `{"id":"`...)
	b = workspace.AppendKeyID(b, a.KeyID)
	b = append(b, `","name":`...)
	b = appendText(b, a.KeyName)
	b = append(b, `,"workspace":"`...)
	b = append(b, a.Owner.Workspace.Slug...)
	b = append(b, `","owner_id":"`...)
	b = append(b, a.Owner.UserID...)
	b = append(b, `","role":"`...)
	b = append(b, a.Owner.Role...)
	b = append(b, `","scopes":`...)
	b = appendScopes(b, a.Limits)
	b = append(b, `,"expires_at":`...)
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

// appendScopes appends an array of scopes, or null for full access.
func appendScopes(b []byte, l *keyindex.Limits) []byte {
	if l == nil || l.Scopes == nil {
		return append(b, "null"...)
	}
	for i, scope := range l.Scopes {
		b = append(b, "[,"[min(i, 1)])
		b = appendText(b, scope)
	}
	return append(b, ']')
}

// appendText appends a JSON string. Names have no bytes that are not UTF-8,
// which is all that could go wrong.
func appendText(b []byte, text string) []byte {
	b, _ = jsontext.AppendQuote(b, text)
	return b
}
