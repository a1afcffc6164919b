package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// database is the flag that names the database.
type database struct {
	DB string `name:"db" default:"./keylodge.db" placeholder:"PATH|URL" help:"${help_db}"`
}

// open opens the database, creating a file that does not exist, and brings it
// up to date.
func (d database) open(ctx context.Context) (*store.Store, error) {
	return d.openWith(ctx, store.Options{})
}

func (d database) openWith(ctx context.Context, o store.Options) (*store.Store, error) {
	db, err := store.OpenWith(ctx, d.DB, o)
	if err != nil {
		return nil, err
	}
	if _, err := db.Migrate(ctx); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// mustExist returns an error if the database is a file that does not exist, so
// that a mistyped path does not create one.
func (d database) mustExist() error {
	if _, err := os.Stat(d.DB); errors.Is(err, fs.ErrNotExist) && !strings.Contains(d.DB, "://") {
		return fmt.Errorf("no database at %s; name the server's with --db", d.DB)
	}
	return nil
}

// with calls do with a service on a database that exists.
func (d database) with(ctx context.Context, c workspace.Config, do func(*workspace.Service) error) error {
	if err := d.mustExist(); err != nil {
		return err
	}
	return d.withNew(ctx, c, do)
}

// withNew calls do with a service on a database, which it creates if needed.
func (d database) withNew(ctx context.Context, c workspace.Config, do func(*workspace.Service) error) error {
	db, err := d.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	return do(workspace.NewService(db, c))
}
