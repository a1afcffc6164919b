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

// exportedKey is a row of the list, as programs read it. Times are RFC 3339,
// and null where there is none.
type exportedKey struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Hint       string     `json:"hint"`
	State      string     `json:"state"`
	OwnerID    string     `json:"owner_id"`
	Owner      string     `json:"owner"`
	Scopes     []string   `json:"scopes"` // null: full access
	AllowFrom  []string   `json:"allow_from"`
	RateLimit  string     `json:"rate_limit"`
	CreatedAt  *time.Time `json:"created_at"`
	ExpiresAt  *time.Time `json:"expires_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
	DisabledAt *time.Time `json:"disabled_at"`
	RevokedAt  *time.Time `json:"revoked_at"`
}

func exportKey(k workspace.ListedKey, now time.Time) exportedKey {
	at := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	e := exportedKey{
		ID: k.ID, Name: k.Name, Hint: k.Hint, State: string(k.State(now)), OwnerID: k.OwnerID, Owner: k.OwnerName,
		Scopes: k.Limits.Scopes, RateLimit: k.Limits.Rate.String(),
		CreatedAt: at(k.CreatedAt), ExpiresAt: at(k.ExpiresAt), LastUsedAt: at(k.LastUse.At),
		DisabledAt: at(k.DisabledAt), RevokedAt: at(k.RevokedAt), AllowFrom: []string{},
	}
	for _, network := range k.Limits.Addresses {
		e.AllowFrom = append(e.AllowFrom, network.String())
	}
	return e
}

// cells are the row as a table has it, in the order of keyColumns.
func (e exportedKey) cells() []string {
	at := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.Format(time.RFC3339)
	}
	access := "full"
	if e.Scopes != nil {
		access = strings.Join(e.Scopes, " ")
	}
	return safeCells(e.ID, e.Name, e.Hint, e.State, e.OwnerID, e.Owner, access, strings.Join(e.AllowFrom, " "),
		e.RateLimit,
		at(e.CreatedAt), at(e.ExpiresAt), at(e.LastUsedAt), at(e.DisabledAt), at(e.RevokedAt))
}

var keyColumns = []string{
	"id", "name", "hint", "state", "owner_id", "owner", "scopes", "allow_from", "rate_limit", "created_at",
	"expires_at", "last_used_at", "disabled_at", "revoked_at",
}

// exportKeysCSV writes the list that a URL shows, all its pages, as a table
// (RFC 4180).
func (s *Server) exportKeysCSV(p *pageContext) error {
	return s.exportKeys(p, "text/csv; charset=utf-8", "api-keys.csv",
		func(w io.Writer) (func(exportedKey) error, func() error) {
			table := csv.NewWriter(w)
			table.Write(keyColumns)
			return func(e exportedKey) error { return table.Write(e.cells()) }, func() error {
				table.Flush()
				return table.Error()
			}
		})
}

// exportKeysJSON writes the list as JSON Lines, one object a line.
func (s *Server) exportKeysJSON(p *pageContext) error {
	return s.exportKeys(p, "application/jsonl", "api-keys.jsonl",
		func(w io.Writer) (func(exportedKey) error, func() error) {
			lines := json.NewEncoder(w)
			return func(e exportedKey) error { return lines.Encode(e) }, func() error { return nil }
		})
}

func (s *Server) exportKeys(p *pageContext, kind, name string,
	open func(io.Writer) (write func(exportedKey) error, end func() error)) error {
	ctx, place := p.ctx(), readKeyListPlace(p.QueryParams())
	list, err := s.Service.FilteredKeys(ctx, p.Actor, place.state, place.filter, workspace.KeyCursor{})
	if err != nil {
		return err
	}
	patience := beginDownload(p, kind, name)
	write, end := open(p.Response())
	for {
		if err := patience(); err != nil {
			return err
		}
		for _, k := range list.Page.Keys {
			if err := write(exportKey(k, s.Service.Now())); err != nil {
				return err
			}
		}
		if list.Page.Next.IsZero() {
			return end()
		}
		if list, err = s.Service.FilteredKeys(ctx, p.Actor, place.state, place.filter, list.Page.Next); err != nil {
			panic(http.ErrAbortHandler) // half an export must not look whole
		}
	}
}
