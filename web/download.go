package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// beginDownload begins an answer that is saved as a file. Before each part of
// it patience is called: the time limit of answers is for each part, not for
// all.
func beginDownload(c echo.Context, kind, name string) (patience func() error) {
	h := c.Response().Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Response().WriteHeader(http.StatusOK)
	control := http.NewResponseController(c.Response())
	return func() error { return control.SetWriteDeadline(time.Now().Add(30 * time.Second)) }
}

// safeCells keeps spreadsheets from taking a text for a formula (OWASP, "CSV
// Injection").
func safeCells(cells ...string) []string {
	for i, cell := range cells {
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
			cells[i] = "'" + cell
		}
	}
	return cells
}
