package main

import (
	"context"
	"fmt"
	"net/url"
	"os/signal"
	"syscall"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

type serveCommand struct {
	database
	serverFlags
}

// Run serves until SIGINT or SIGTERM, or until ctx ends.
func (c serveCommand) Run(ctx context.Context, std streams) error {
	parsed, err := c.parse()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)() // a second Ctrl+C ends the program at once
	port, err := listen(ctx, c.Addr, parsed.base)
	if err != nil {
		return err
	}
	defer port.Close()
	db, err := c.openWith(ctx, store.Options{LostHistory: store.LostHistory(c.OnLostHistory), Log: c.logger(std)})
	if err != nil {
		return err
	}
	defer db.Close()
	s := server{flags: c.serverFlags, settings: parsed, port: port, db: db, log: c.logger(std)}
	return s.run(ctx, func(base *url.URL, s *workspace.Service) error {
		token, err := s.NewSetupToken(ctx)
		switch {
		case err != nil:
			return err
		case token != "":
			fmt.Fprintf(std.out, "Open %s/setup?token=%s to create the first workspace.\n", base, token)
		default:
			fmt.Fprintf(std.out, "Keylodge is running at %s\n", base)
		}
		return nil
	})
}
