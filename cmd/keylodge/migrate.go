package main

import (
	"context"
	"fmt"

	"github.com/keylodge/keylodge/store"
)

type migrateCommand struct{ database }

// Run brings the database up to date and prints each migration that it applied.
func (c migrateCommand) Run(ctx context.Context, std streams) error {
	db, err := store.Open(ctx, c.DB)
	if err != nil {
		return err
	}
	defer db.Close()
	applied, err := db.Migrate(ctx)
	for _, name := range applied {
		fmt.Fprintln(std.out, "applied", name)
	}
	if err == nil && len(applied) == 0 {
		fmt.Fprintln(std.out, "The database is up to date.")
	}
	return err
}
