package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// readEventQuery returns the part of the audit log that a URL asks for. It
// ignores invalid dates.
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

// showAuditLog shows one page of the audit log.
func (s *Server) showAuditLog(p *pageContext) (err error) {
	view := templates.AuditLogView{Layout: s.layout(p, "Audit log")}
	view.Query, view.From, view.To = readEventQuery(p)
	if view.Events, view.Next, err = s.service.AuditLog(p.ctx(), p.Actor, view.Query); err != nil {
		return err
	}
	return s.render(p, http.StatusOK, templates.AuditLogPage(view))
}
