package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/keylodge/keylodge/internal/httpguard"
)

// answer calls run, writes what it returns, and logs the request. A nil body is
// 204.
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

// bodyHandler verifies the keys in the body of a request, and writes the
// response unless it returns an error. It must not keep the body.
type bodyHandler func(w http.ResponseWriter, r *http.Request, body *bytes.Buffer) error

var requestBodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// answerVerification answers a request that verifies keys in its body. It logs
// only failures: there may be thousands of requests per second.
func (s *Server) answerVerification(w http.ResponseWriter, r *http.Request, handle bodyHandler) {
	if err := withBody(w, r, handle); err != nil {
		s.answer(w, r, func() (any, error) { return nil, err })
	}
}

// withBody reads the whole body of a request and then runs a handler. Nothing
// may be verified before: a key that was revoked before it was sent must be
// refused.
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
