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

// database is the flag that every command has.
type database struct {
	DB string `name:"db" default:"./keylodge.db" placeholder:"PATH|URL" help:"SQLite file, or a postgres:// URL. Default: ./keylodge.db"`
}

// open opens the database and brings it up to date.
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

// with runs do with a service on a database that exists, and closes the
// database after.
func (d database) with(c workspace.Config, do func(context.Context, *workspace.Service) error) error {
	if err := d.mustExist(); err != nil {
		return err
	}
	return d.withNew(c, do)
}

// mustExist keeps a command from making a database where the path is mistyped.
func (d database) mustExist() error {
	if _, err := os.Stat(d.DB); errors.Is(err, fs.ErrNotExist) && !strings.Contains(d.DB, "://") {
		return fmt.Errorf("there is no database at %s; name the server's with --db", d.DB)
	}
	return nil
}

// withNew is with, and makes the database where there is none.
func (d database) withNew(c workspace.Config, do func(context.Context, *workspace.Service) error) error {
	ctx := context.Background()
	db, err := d.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	return do(ctx, workspace.NewService(db, c))
}

// workspaceFlag names a workspace.
type workspaceFlag struct {
	Workspace string `required:"" placeholder:"SLUG" help:"The workspace's slug."`
}

func (w workspaceFlag) find(ctx context.Context, s *workspace.Service) (workspace.Workspace, error) {
	found, err := s.WorkspaceAt(ctx, strings.ToLower(w.Workspace))
	if workspace.KindOf(err) == workspace.NotFound {
		return found, fmt.Errorf("there is no workspace %q", w.Workspace)
	}
	return found, err
}

// operatorIn returns the operator, acting in a workspace.
func operatorIn(w workspace.Workspace) workspace.Actor {
	a := workspace.Operator
	a.WorkspaceID = w.ID
	return a
}

type migrateCommand struct{ database }

// Run brings the database up to date.
func (m migrateCommand) Run(io streams) error {
	ctx := context.Background()
	db, err := store.Open(ctx, m.DB)
	if err != nil {
		return err
	}
	defer db.Close()
	applied, err := db.Migrate(ctx)
	for _, name := range applied {
		fmt.Fprintln(io.out, "applied", name)
	}
	if err == nil && len(applied) == 0 {
		fmt.Fprintln(io.out, "The database is up to date.")
	}
	return err
}
