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

// Run lists active keys first, then expired ones, then revoked ones.
func (c keyListCommand) Run(ctx context.Context, std streams) error {
	return c.with(ctx, workspace.Config{}, func(s *workspace.Service) error {
		w, err := c.find(ctx, s)
		if err != nil {
			return err
		}
		keys := []workspace.KeyJSON{}
		for _, state := range workspace.KeyStates {
			err := s.EachKey(ctx, operatorIn(w), state, func(k workspace.ListedKey) {
				keys = append(keys, workspace.NewKeyJSON(k, w.Slug, s.Now()))
			})
			if err != nil {
				return err
			}
		}
		if c.JSON {
			return printJSON(std.out, keys)
		}
		return printKeys(std.out, keys)
	})
}

func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func printKeys(out io.Writer, keys []workspace.KeyJSON) error {
	t := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tHINT\tSTATE\tOWNER\tCREATED\tEXPIRES\tLAST USED\tNAME")
	for _, k := range keys {
		name := workspace.Key{Name: k.Name}.Title()
		var lastUsed *time.Time
		if k.LastUsed != nil {
			lastUsed = &k.LastUsed.At
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Hint, k.State, k.Owner.Name,
			minute(&k.CreatedAt), minute(k.ExpiresAt), minute(lastUsed), name)
	}
	return t.Flush()
}

func minute(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.Format("2006-01-02 15:04Z")
}
