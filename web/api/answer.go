package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/keylodge/keylodge/internal/httpguard"
)

// answer runs what answers a request, writes the answer, and logs the request.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, run func() (any, error)) {
	began := time.Now()
	httpguard.SetRequestID(w.Header())
	s.setHeaders(w.Header())
	body, err := run()
	status := http.StatusNoContent
	switch {
	case err != nil:
		status = writeProblem(w, r, err)
	case body == nil:
		w.WriteHeader(status)
	default:
		status = http.StatusOK
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(body) // fails only when the client has gone
	}
	s.logRequest(w, r, status, began, err)
}

// bodyHandler verifies keys that a request has in its body, and writes the
// answer unless it returns an error. The body must not be kept.
type bodyHandler func(w http.ResponseWriter, r *http.Request, body *bytes.Buffer) error

var requestBodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// answerVerification answers a request that verifies keys in its body. A
// failure is answered and logged as with every other request; the rest is not
// logged, as there may be thousands per second.
func (s *Server) answerVerification(w http.ResponseWriter, r *http.Request, handle bodyHandler) {
	if err := withBody(w, r, handle); err != nil {
		s.answer(w, r, func() (any, error) { return nil, err })
	}
}

// withBody reads all of a request's body and then runs a handler. Nothing is
// verified before: what was revoked before a key was sent must be refused.
func withBody(w http.ResponseWriter, r *http.Request, handle bodyHandler) (err error) {
	defer httpguard.Recover(&err)
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return &httpguard.Error{Status: http.StatusMethodNotAllowed, Message: "Send a POST."}
	}
	if err := httpguard.LimitBody(w, r); err != nil {
		return err
	}
	body := requestBodies.Get().(*bytes.Buffer)
	defer requestBodies.Put(body)
	body.Reset()
	if _, err := body.ReadFrom(r.Body); err != nil {
		return httpguard.BodyError(err)
	}
	return handle(w, r, body)
}

var (
	answerBodies = sync.Pool{New: func() any { return new([]byte) }}
	jsonType     = []string{"application/json; charset=utf-8"}
)

// writeVerification writes the JSON that build appends to a buffer.
func (s *Server) writeVerification(w http.ResponseWriter, build func([]byte) []byte) {
	body := answerBodies.Get().(*[]byte)
	defer answerBodies.Put(body)
	*body = build((*body)[:0])
	h := w.Header()
	s.setHeaders(h)
	h["Content-Type"] = jsonType
	w.Write(*body) // fails only when the client has gone
}
