package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

type demoCommand struct{ serverFlags }

// Run fills a database in a temporary folder and serves it until SIGINT or
// SIGTERM, or until ctx ends. Then it removes the folder.
func (c demoCommand) Run(ctx context.Context, std streams) error {
	parsed, err := c.parse()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl+C ends the program at once
	port, err := listen(ctx, c.Addr, parsed.base)
	if err != nil {
		return err
	}
	defer port.Close()
	folder, err := os.MkdirTemp("", "keylodge-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	db, err := database{DB: filepath.Join(folder, "keylodge.db")}.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	password, err := fillDemo(ctx, db, time.Now())
	if err != nil {
		return err
	}
	s := server{flags: c.serverFlags, settings: parsed, port: port, db: db, log: c.logger(std)}
	return s.run(ctx, func(base *url.URL, _ *workspace.Service) error {
		_, err := fmt.Fprintf(std.out, "Open %s and sign in as %s with the password %s\n"+
			"Everything is deleted when you stop it (Ctrl+C).\n", base, demoPeople[0].email, password)
		return err
	})
}
