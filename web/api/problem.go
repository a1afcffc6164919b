package web

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/workspace"
)

// problem is RFC 9457's problem details.
type problem struct {
	Type      string         `json:"type"`
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Detail    string         `json:"detail,omitempty"`
	RequestID string         `json:"request_id,omitempty"`
	Errors    []problemError `json:"errors,omitempty"`
	Error     string         `json:"error,omitempty"` // of introspection, see oauthErrors
}

// problemError is one thing that is wrong, and where in the request it is.
type problemError struct {
	Location string `json:"location"`
	Message  string `json:"message"`
}

func writeProblem(c echo.Context, a answer, err error) error {
	p := problem{Type: "about:blank", Title: http.StatusText(a.status), Status: a.status, Detail: a.message, RequestID: requestID(c)}
	if e, ok := errors.AsType[*workspace.Error](err); ok {
		for _, location := range slices.Sorted(maps.Keys(e.Fields)) {
			p.Errors = append(p.Errors, problemError{location, e.Fields[location]})
		}
	}
	if c.Request().URL.Path == introspectPath {
		p.Error = oauthErrors[a.status]
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return c.Blob(a.status, "application/problem+json", body)
}
