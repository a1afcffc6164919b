package web

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

var keyColumns = []string{
	"id", "name", "hint", "state", "owner_id", "owner_name", "access", "scopes", "allowed_networks", "rate_limit",
	"created_at", "expires_at", "last_used_at", "disabled_at", "revoked_at",
}

// keyCells returns the row of a key in a table, in the order of keyColumns.
func keyCells(k workspace.ListedKey, j workspace.KeyJSON) []string {
	networks := make([]string, len(j.AllowedNetworks))
	for i, network := range j.AllowedNetworks {
		networks[i] = network.String()
	}
	return safeCells(
		j.ID, j.Name, j.Hint, string(j.State), j.Owner.ID, j.Owner.Name, string(j.Access), strings.Join(j.Scopes, " "),
		strings.Join(networks, " "), k.Limits.Rate.String(),
		timeCell(k.CreatedAt), timeCell(k.ExpiresAt), timeCell(k.LastUse.At), timeCell(k.DisabledAt), timeCell(k.RevokedAt),
	)
}

func timeCell(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// keyWriter writes keys to a file. end writes what is left.
type keyWriter struct {
	key func(workspace.ListedKey, workspace.KeyJSON) error
	end func() error
}

// exportKeysCSV writes the list that a URL shows, all its pages, as a table
// (RFC 4180).
func (s *Server) exportKeysCSV(p *pageContext) error {
	return s.exportKeys(p, "text/csv; charset=utf-8", "api-keys.csv", func(w io.Writer) keyWriter {
		table := csv.NewWriter(w)
		table.Write(keyColumns)
		return keyWriter{
			key: func(k workspace.ListedKey, j workspace.KeyJSON) error { return table.Write(keyCells(k, j)) },
			end: func() error {
				table.Flush()
				return table.Error()
			},
		}
	})
}

// exportKeysJSON writes the list as JSON Lines, one object a line.
func (s *Server) exportKeysJSON(p *pageContext) error {
	return s.exportKeys(p, "application/jsonl", "api-keys.jsonl", func(w io.Writer) keyWriter {
		lines := json.NewEncoder(w)
		return keyWriter{
			key: func(_ workspace.ListedKey, j workspace.KeyJSON) error { return lines.Encode(j) },
			end: func() error { return nil },
		}
	})
}

func (s *Server) exportKeys(p *pageContext, kind, name string, open func(io.Writer) keyWriter) error {
	ctx, place := p.ctx(), readKeyListPlace(p.QueryParams())
	list, err := s.Service.FilteredKeys(ctx, p.Actor, place.state, place.filter, workspace.KeyCursor{})
	if err != nil {
		return err
	}
	patience := beginDownload(p, kind, name)
	out := open(p.Response())
	for {
		if err := patience(); err != nil {
			return err
		}
		for _, k := range list.Page.Keys {
			if err := out.key(k, workspace.NewKeyJSON(k, p.Workspace.Slug, s.Service.Now())); err != nil {
				return err
			}
		}
		if list.Page.Next.IsZero() {
			return out.end()
		}
		if list, err = s.Service.FilteredKeys(ctx, p.Actor, place.state, place.filter, list.Page.Next); err != nil {
			panic(http.ErrAbortHandler) // half an export must not look whole
		}
	}
}
