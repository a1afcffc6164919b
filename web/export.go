package web

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// exportRow is one row of an export. JSON Lines has the row as JSON, CSV has
// its cells.
type exportRow interface{ cells() []string }

// exportFile is the file that an export is saved as.
type exportFile struct {
	name        string
	contentType string
	open        func(io.Writer) rowWriter
}

// csvFile is a CSV file (RFC 4180) with a header row.
func csvFile(name string, columns []string) exportFile {
	return exportFile{name + ".csv", "text/csv; charset=utf-8", func(w io.Writer) rowWriter {
		table := csv.NewWriter(w)
		table.Write(columns)
		return csvWriter{table}
	}}
}

// jsonFile is a JSON Lines file: one object per line.
func jsonFile(name string) exportFile {
	return exportFile{name + ".jsonl", "application/jsonl", func(w io.Writer) rowWriter {
		return jsonWriter{json.NewEncoder(w)}
	}}
}

// rowWriter writes the rows of an export. end must be called after the last.
type rowWriter interface {
	write(exportRow) error
	end() error
}

type csvWriter struct{ table *csv.Writer }

func (w csvWriter) write(r exportRow) error { return w.table.Write(safeCells(r.cells())) }

func (w csvWriter) end() error {
	w.table.Flush()
	return w.table.Error()
}

type jsonWriter struct{ lines *json.Encoder }

func (w jsonWriter) write(r exportRow) error { return w.lines.Encode(r) }

func (w jsonWriter) end() error { return nil }

// partTimeout is how long a client may take for one page of an export.
const partTimeout = 30 * time.Second

// sendExport sends all rows as a file, page by page. It returns the error of
// the first page. A later error aborts the connection, because half an export
// must not look complete.
func sendExport(c echo.Context, f exportFile, pages iter.Seq2[[]exportRow, error]) error {
	response := c.Response()
	control := http.NewResponseController(response)
	var out rowWriter
	for rows, err := range pages {
		switch {
		case err != nil && out == nil:
			return err
		case err != nil:
			panic(http.ErrAbortHandler)
		case out == nil:
			response.Header().Set("Content-Type", f.contentType)
			response.Header().Set("Content-Disposition", `attachment; filename="`+f.name+`"`)
			response.WriteHeader(http.StatusOK)
			out = f.open(response)
		}
		if err := control.SetWriteDeadline(time.Now().Add(partTimeout)); err != nil {
			return err
		}
		for _, row := range rows {
			if err := out.write(row); err != nil {
				return err
			}
		}
	}
	return out.end()
}

// safeCells keeps spreadsheets from reading a cell as a formula (OWASP, "CSV
// Injection").
func safeCells(cells []string) []string {
	for i, cell := range cells {
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
			cells[i] = "'" + cell
		}
	}
	return cells
}
