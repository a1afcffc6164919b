package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/keylodge/keylodge/internal/workspace"
)

type keyCreateCommand struct {
	database
	workspaceFlag
	keyPrefix
	Owner   string `required:"" placeholder:"EMAIL" help:"The member that owns it: it can do what they can."`
	Name    string `help:"A name that says what it is for."`
	Expires string `default:"never" placeholder:"90d" help:"${help_key_expires}"`

	Scope     []string `sep:"none" placeholder:"SCOPE" help:"${help_key_scope}"`
	AllowFrom []string `placeholder:"CIDR" help:"${help_key_allow_from}"`
	RateLimit string   `placeholder:"100/1m" help:"${help_key_rate_limit}"`
}

// Run prints the secret, alone on standard output.
func (c keyCreateCommand) Run(ctx context.Context, std streams) error {
	if err := c.checkPrefix(); err != nil {
		return err
	}
	return c.with(ctx, workspace.Config{KeyPrefix: c.KeyPrefix}, func(s *workspace.Service) error {
		w, err := c.find(ctx, s)
		if err != nil {
			return err
		}
		_, newSecret, err := s.AddKeyFor(ctx, operatorIn(w), c.Owner, workspace.NewKey{
			Name: c.Name, Expires: c.Expires, Scopes: c.scopes(), Networks: c.AllowFrom, Rate: c.RateLimit,
		})
		if workspace.KindOf(err) == workspace.NotFound {
			return fmt.Errorf("%s is not a member of %s", c.Owner, w.Name)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(std.out, newSecret.Reveal())
		return err
	})
}

// scopes returns the scopes of all flags, each of which may have several with
// commas between them. It keeps an empty one, which is then refused: an empty
// flag must not make a key with full access.
func (c keyCreateCommand) scopes() (all []string) {
	for _, text := range c.Scope {
		all = append(all, strings.Split(text, ",")...)
	}
	return all
}
