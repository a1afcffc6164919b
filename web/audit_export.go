package web

import (
	"encoding/json"
	"iter"
	"strconv"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// exportedEvent is the row of an event.
type exportedEvent struct {
	ID        string            `json:"id"`
	At        time.Time         `json:"at"`
	ActorKind string            `json:"actor_kind"`
	ActorID   string            `json:"actor_id"`
	ActorName string            `json:"actor_name"`
	Action    string            `json:"action"`
	TargetID  string            `json:"target_id"`
	Details   map[string]string `json:"details"`
	IP        string            `json:"ip"`
	RequestID string            `json:"request_id"`
	Number    int64             `json:"number"` // in the chain; 0 without a hash: older than the chain
	Hash      string            `json:"hash"`
}

var eventColumns = []string{
	"id", "at", "actor_kind", "actor_id", "actor_name", "action", "target_id", "details", "ip", "request_id",
	"number", "hash",
}

func newExportedEvent(e workspace.ListedEvent) exportedEvent {
	return exportedEvent{
		ID: e.ID, At: e.At, ActorKind: string(e.ActorKind), ActorID: e.ActorID, ActorName: e.ActorName,
		Action: string(e.Action), TargetID: e.TargetID, Details: e.Details, IP: e.IP,
		RequestID: e.RequestID, Number: e.Number, Hash: e.HashText(),
	}
}

// cells implements exportRow, in the order of eventColumns.
func (e exportedEvent) cells() []string {
	details, _ := json.Marshal(e.Details) // encoding a map of strings cannot fail
	return []string{
		e.ID, e.At.Format(time.RFC3339Nano), e.ActorKind, e.ActorID, e.ActorName, e.Action, e.TargetID,
		string(details), e.IP, e.RequestID, strconv.FormatInt(e.Number, 10), e.Hash,
	}
}

func (s *Server) exportAuditCSV(p *pageContext) error {
	return sendExport(p, csvFile("audit-log", eventColumns), s.exportedEvents(p))
}

func (s *Server) exportAuditJSON(p *pageContext) error {
	return sendExport(p, jsonFile("audit-log"), s.exportedEvents(p))
}

// exportedEvents returns the pages of the audit log that match the URL, newest
// event first.
func (s *Server) exportedEvents(p *pageContext) iter.Seq2[[]exportRow, error] {
	q, _, _ := readEventQuery(p)
	return func(yield func([]exportRow, error) bool) {
		for {
			events, next, err := s.service.AuditLog(p.ctx(), p.Actor, q)
			var rows []exportRow
			for _, e := range events {
				rows = append(rows, newExportedEvent(e))
			}
			q.After = next
			if !yield(rows, err) || err != nil || next == "" {
				return
			}
		}
	}
}
