package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

type copyCommand struct {
	database
	To string `required:"" placeholder:"URL" help:"The PostgreSQL database to copy to, as postgres://user:password@host/database. It must be empty, or an earlier copy."`
}

// Run copies the database, and says what of it and what to do next.
func (c copyCommand) Run(io streams) error {
	if !strings.HasPrefix(c.To, "postgres://") && !strings.HasPrefix(c.To, "postgresql://") {
		return errUsage{"--to takes a PostgreSQL database, as postgres://user:password@host/database"}
	}
	if c.DB == c.To {
		return errUsage{"--db and --to are the same database"}
	}
	if _, err := os.Stat(c.DB); errors.Is(err, fs.ErrNotExist) && !strings.Contains(c.DB, "://") {
		return fmt.Errorf("there is no database at %s; name the server's with --db", c.DB)
	}
	ctx := context.Background()
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
		fmt.Fprintf(io.out, "%-16s %d\n", t.Name, t.Rows)
	}
	_, err = fmt.Fprintln(io.out, "All is copied and compared. What is changed here from now on is not: stop the server, run this once more, "+
		"and start the server with --db and the new database.")
	return err
}
