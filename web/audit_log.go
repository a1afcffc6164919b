package web

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// readEventQuery reads which part of the audit log a URL shows. What makes no
// sense is left out.
func readEventQuery(c echo.Context) (q workspace.EventQuery, from, to string) {
	q = workspace.EventQuery{
		Action: workspace.Action(c.QueryParam("action")), ActorID: c.QueryParam("by"), TargetID: c.QueryParam("about"),
		After: c.QueryParam("after"),
	}
	from, to = c.QueryParam("from"), c.QueryParam("to")
	var err error
	if q.From, err = time.Parse(time.DateOnly, from); err != nil {
		from = ""
	}
	if q.To, err = time.Parse(time.DateOnly, to); err != nil {
		to = ""
	} else {
		q.To = q.To.AddDate(0, 0, 1) // the whole day
	}
	return q, from, to
}

// showAuditLog shows who did what.
func (s *Server) showAuditLog(p *pageContext) (err error) {
	view := templates.AuditLogView{Layout: s.layout(p, "Audit log")}
	view.Query, view.From, view.To = readEventQuery(p)
	if view.Events, view.Next, err = s.Service.AuditLog(p.ctx(), p.Actor, view.Query); err != nil {
		return err
	}
	return s.render(p, http.StatusOK, templates.AuditLogPage(view))
}

// exportedEvent is a row of the audit log, as programs read it.
type exportedEvent struct {
	ID        string            `json:"id"`
	At        time.Time         `json:"at"`
	ActorKind string            `json:"actor_kind"`
	ActorID   string            `json:"actor_id"`
	ActorName string            `json:"actor_name"`
	Action    string            `json:"action"`
	TargetID  string            `json:"target_id"`
	Details   map[string]string `json:"details"`
	Address   string            `json:"address"`
	RequestID string            `json:"request_id"`
	Number    int64             `json:"number"` // in the chain; 0, and no hash: from before there was one
	Hash      string            `json:"hash"`
}

// exportAuditCSV writes the log as a table (RFC 4180).
func (s *Server) exportAuditCSV(p *pageContext) error {
	return s.exportAudit(p, "text/csv; charset=utf-8", "audit-log.csv",
		func(w io.Writer) (func(exportedEvent) error, func() error) {
			table := csv.NewWriter(w)
			table.Write([]string{
				"id", "at", "actor_kind", "actor_id", "actor_name", "action", "target_id", "details", "address",
				"request_id", "number", "hash",
			})
			return func(e exportedEvent) error {
					details, err := json.Marshal(e.Details)
					if err != nil {
						return err
					}
					return table.Write(safeCells(e.ID, e.At.Format(time.RFC3339Nano), e.ActorKind, e.ActorID,
						e.ActorName,
						e.Action, e.TargetID, string(details), e.Address, e.RequestID,
						strconv.FormatInt(e.Number, 10), e.Hash))
				}, func() error {
					table.Flush()
					return table.Error()
				}
		})
}

// exportAuditJSON writes the log as JSON Lines, one object a line.
func (s *Server) exportAuditJSON(p *pageContext) error {
	return s.exportAudit(p, "application/jsonl", "audit-log.jsonl",
		func(w io.Writer) (func(exportedEvent) error, func() error) {
			lines := json.NewEncoder(w)
			return func(e exportedEvent) error { return lines.Encode(e) }, func() error { return nil }
		})
}

// exportAudit streams the part of the log that a URL shows, the newest first.
func (s *Server) exportAudit(p *pageContext, kind, name string,
	open func(io.Writer) (write func(exportedEvent) error, end func() error)) error {
	ctx := p.ctx()
	q, _, _ := readEventQuery(p)
	page, next, err := s.Service.AuditLog(ctx, p.Actor, q)
	if err != nil {
		return err
	}
	patience := beginDownload(p, kind, name)
	write, end := open(p.Response())
	for {
		if err := patience(); err != nil {
			return err
		}
		for _, e := range page {
			err := write(exportedEvent{
				ID: e.ID, At: e.At, ActorKind: string(e.ActorKind), ActorID: e.ActorID, ActorName: e.ActorName,
				Action: string(e.Action), TargetID: e.TargetID,
				Details: e.Details, Address: e.Address, RequestID: e.RequestID, Number: e.Number, Hash: e.HashText(),
			})
			if err != nil {
				return err
			}
		}
		if next == "" {
			return end()
		}
		q.After = next
		if page, next, err = s.Service.AuditLog(ctx, p.Actor, q); err != nil {
			panic(http.ErrAbortHandler) // half an export must not look whole
		}
	}
}
