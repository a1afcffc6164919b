package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

type keyListCommand struct {
	database
	workspaceFlag
	JSON bool `name:"json" help:"Print a JSON array."`
}

// listedKey is a key as `key list --json` prints it.
type listedKey struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Hint       string     `json:"hint"`
	State      string     `json:"state"`
	Owner      string     `json:"owner"`
	CreatedAt  time.Time  `json:"created_at"`
	ExpiresAt  *time.Time `json:"expires_at"`
	Scopes     []string   `json:"scopes"` // null: full access
	AllowFrom  []string   `json:"allow_from,omitempty"`
	RateLimit  string     `json:"rate_limit,omitempty"`
	DisabledAt *time.Time `json:"disabled_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
	RevokedAt  *time.Time `json:"revoked_at"`
	RevokedBy  string     `json:"revoked_by,omitempty"`
}

// Run lists active keys first, then expired ones, then revoked ones.
func (c keyListCommand) Run(ctx context.Context, io streams) error {
	return c.with(ctx, workspace.Config{}, func(s *workspace.Service) error {
		w, err := c.find(ctx, s)
		if err != nil {
			return err
		}
		keys := []listedKey{}
		for _, state := range workspace.KeyStates {
			err := s.EachKey(ctx, operatorIn(w), state, func(k workspace.ListedKey) {
				keys = append(keys, listKey(k, state))
			})
			if err != nil {
				return err
			}
		}
		if c.JSON {
			return printJSON(io.out, keys)
		}
		return printKeys(io.out, keys)
	})
}

func listKey(k workspace.ListedKey, state workspace.KeyState) listedKey {
	l := listedKey{
		ID: k.ID, Name: k.Name, Hint: k.Hint, State: string(state), Owner: k.OwnerName,
		Scopes: k.Limits.Scopes, RateLimit: k.Limits.Rate.String(),
		CreatedAt: k.CreatedAt, ExpiresAt: orNil(k.ExpiresAt), DisabledAt: orNil(k.DisabledAt),
		LastUsedAt: orNil(k.LastUse.At), RevokedAt: orNil(k.RevokedAt), RevokedBy: k.RevokedByName,
	}
	for _, network := range k.Limits.Addresses {
		l.AllowFrom = append(l.AllowFrom, network.String())
	}
	return l
}

func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func printKeys(out io.Writer, keys []listedKey) error {
	t := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tHINT\tSTATE\tOWNER\tCREATED\tEXPIRES\tLAST USED\tNAME")
	for _, k := range keys {
		if k.DisabledAt != nil && k.State == string(workspace.KeyActive) {
			k.State = "disabled"
		}
		name := workspace.Key{Name: k.Name}.Title()
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Hint, k.State, k.Owner,
			minute(&k.CreatedAt), minute(k.ExpiresAt), minute(k.LastUsedAt), name)
	}
	return t.Flush()
}

func minute(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.Format("2006-01-02 15:04Z")
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
