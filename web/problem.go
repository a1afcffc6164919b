package web

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"
)

// problem is RFC 9457's problem details.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail,omitempty"`
	RequestID string `json:"request_id,omitempty"`
}

func writeProblem(c echo.Context, a answer) error {
	body, err := json.Marshal(problem{
		Type: "about:blank", Title: http.StatusText(a.status), Status: a.status, Detail: a.message, RequestID: requestID(c),
	})
	if err != nil {
		return err
	}
	return c.Blob(a.status, "application/problem+json", body)
}
