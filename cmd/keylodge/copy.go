package main

import (
	"context"
	"fmt"

	"github.com/keylodge/keylodge/store"
)

type copyCommand struct {
	database
	To string `required:"" placeholder:"URL" help:"${help_copy_to}"`
}

// Run copies the database, and prints the number of rows and what to do next.
func (c copyCommand) Run(ctx context.Context, std streams) error {
	if !store.IsPostgres(c.To) {
		return errUsage{"--to takes a PostgreSQL database, as postgres://user:password@host/database"}
	}
	if c.DB == c.To {
		return errUsage{"--db and --to are the same database"}
	}
	if err := c.mustExist(); err != nil {
		return err
	}
	from, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := database{DB: c.To}.open(ctx)
	if err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	defer to.Close()
	tables, err := from.CopyTo(ctx, to)
	if err != nil {
		return err
	}
	for _, t := range tables {
		fmt.Fprintf(std.out, "%-16s %d\n", t.Name, t.Rows)
	}
	_, err = fmt.Fprintln(std.out, "Everything is copied and compared. To move: stop the server, run this once more, "+
		"and start the server with --db and the new database.")
	return err
}
