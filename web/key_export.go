package web

import (
	"iter"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

var keyColumns = []string{
	"id", "name", "hint", "state", "owner_id", "owner_name", "access", "scopes", "allowed_networks", "rate_limit",
	"created_at", "expires_at", "last_used_at", "disabled_at", "revoked_at",
}

// exportedKey is the row of a key.
type exportedKey struct {
	workspace.KeyJSON
	key workspace.ListedKey
}

// cells implements exportRow, in the order of keyColumns.
func (e exportedKey) cells() []string {
	networks := make([]string, len(e.AllowedNetworks))
	for i, network := range e.AllowedNetworks {
		networks[i] = network.String()
	}
	k := e.key
	return []string{
		e.ID, e.Name, e.Hint, string(e.State), e.Owner.ID, e.Owner.Name, string(e.Access), strings.Join(e.Scopes, " "),
		strings.Join(networks, " "), k.Limits.Rate.String(), timeCell(k.CreatedAt), timeCell(k.ExpiresAt),
		timeCell(k.LastUse.At), timeCell(k.DisabledAt), timeCell(k.RevokedAt),
	}
}

func timeCell(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

func (s *Server) exportKeysCSV(p *pageContext) error {
	return sendExport(p, csvFile("api-keys", keyColumns), s.exportedKeys(p))
}

func (s *Server) exportKeysJSON(p *pageContext) error {
	return sendExport(p, jsonFile("api-keys"), s.exportedKeys(p))
}

// exportedKeys returns the pages of the list of keys that the URL asks for.
func (s *Server) exportedKeys(p *pageContext) iter.Seq2[[]exportRow, error] {
	place := readKeyListPlace(p.QueryParams())
	return func(yield func([]exportRow, error) bool) {
		var from workspace.KeyCursor
		for {
			list, err := s.service.FilteredKeys(p.ctx(), p.Actor, place.state, place.filter, from)
			var rows []exportRow
			for _, k := range list.Page.Keys {
				rows = append(rows, exportedKey{workspace.NewKeyJSON(k, p.Workspace.Slug, s.service.Now()), k})
			}
			from = list.Page.Next
			if !yield(rows, err) || err != nil || from.IsZero() {
				return
			}
		}
	}
}
