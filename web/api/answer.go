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

// checkOfBody is a check that has a body, which is good until it returns.
type checkOfBody func(w http.ResponseWriter, r *http.Request, body *bytes.Buffer) error

var requestBodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// answerCheck runs one of the checks that have a body. What goes wrong is
// answered and logged as with every other request; what goes well is not
// logged, as there may be thousands a second.
func (s *Server) answerCheck(w http.ResponseWriter, r *http.Request, check checkOfBody) {
	if err := guardedCheck(w, r, check); err != nil {
		s.answer(w, r, func() (any, error) { return nil, err })
	}
}

func guardedCheck(w http.ResponseWriter, r *http.Request, check checkOfBody) (err error) {
	defer httpguard.Recover(&err)
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return &httpguard.Error{Status: http.StatusMethodNotAllowed, Message: "Send a POST."}
	}
	if err := httpguard.LimitBody(w, r); err != nil {
		return err
	}
	// All of the question is read before anything is proven: what was revoked
	// before a key was sent is refused.
	body := requestBodies.Get().(*bytes.Buffer)
	defer requestBodies.Put(body)
	body.Reset()
	if _, err := body.ReadFrom(r.Body); err != nil {
		return httpguard.BodyError(err)
	}
	return check(w, r, body)
}
