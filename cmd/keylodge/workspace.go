package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/keylodge/keylodge/internal/hosts"
	"github.com/keylodge/keylodge/internal/workspace"
)

type workspaceCommand struct {
	Create     workspaceCreateCommand     `cmd:"" help:"Make a workspace and its owner."`
	Disable    workspaceDisableCommand    `cmd:"" help:"Refuse all keys of a workspace from now on, until it is enabled. People can still sign in."`
	Enable     workspaceEnableCommand     `cmd:"" help:"End what disable began."`
	LiftPolicy workspaceLiftPolicyCommand `cmd:"" name:"lift-sign-in-policy" help:"Let members sign in in any way again, when what a workspace requires keeps everybody out."`
}

type workspaceCreateCommand struct {
	database
	links
	password
	Slug       string `required:"" help:"Its address: 3–40 of a–z, 0–9 and '-'."`
	Name       string `required:"" help:"Its name, for people."`
	OwnerEmail string `required:"" placeholder:"EMAIL" help:"Who owns it."`
	OwnerName  string `placeholder:"NAME" help:"The owner's name."`
}

// Run makes the workspace. An owner who has no password gets a link to set one.
func (c workspaceCreateCommand) Run(io streams) error {
	password, err := c.read(io)
	if err != nil {
		return err
	}
	if _, err := parseBaseURL(c.BaseURL); err != nil {
		return err
	}
	return c.withNew(workspace.Config{}, func(ctx context.Context, s *workspace.Service) error {
		w, owner, err := s.CreateWorkspace(ctx, workspace.NewWorkspace{
			Slug: c.Slug, Name: c.Name, OwnerEmail: c.OwnerEmail, OwnerName: c.OwnerName, OwnerPassword: password,
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(io.out, "Made workspace %s (%s), owned by %s.\n", w.Name, w.Slug, owner.Email)
		return c.offer(ctx, io, s, owner)
	})
}

type workspaceDisableCommand struct{ oneWorkspace }

// Run disables the workspace's keys.
func (c workspaceDisableCommand) Run(io streams) error {
	return c.act(io, "disabled: its keys are refused", (*workspace.Service).DisableWorkspace)
}

type workspaceEnableCommand struct{ oneWorkspace }

// Run enables the workspace's keys.
func (c workspaceEnableCommand) Run(io streams) error {
	return c.act(io, "enabled", (*workspace.Service).EnableWorkspace)
}

type workspaceLiftPolicyCommand struct{ oneWorkspace }

// Run lets members sign in in any way.
func (c workspaceLiftPolicyCommand) Run(io streams) error {
	return c.act(io, "open to every way to sign in", func(s *workspace.Service, ctx context.Context, a workspace.Actor) error {
		return s.SetSignInPolicy(ctx, a, workspace.NoRequirement, 0)
	})
}

// oneWorkspace names a workspace.
type oneWorkspace struct {
	database
	Slug string `required:"" help:"The workspace's slug."`
}

func (o oneWorkspace) act(io streams, done string, do func(*workspace.Service, context.Context, workspace.Actor) error) error {
	return o.with(workspace.Config{}, func(ctx context.Context, s *workspace.Service) error {
		w, err := workspaceFlag{o.Slug}.find(ctx, s)
		if err != nil {
			return err
		}
		if err := do(s, ctx, operatorIn(w)); err != nil {
			return err
		}
		_, err = fmt.Fprintf(io.out, "%s (%s) is %s.\n", w.Name, w.Slug, done)
		return err
	})
}

// password is the flag by which a password comes in: never as an argument,
// which everybody on the machine can read.
type password struct {
	PasswordStdin bool `name:"password-stdin" help:"Read the password from the first line of standard input."`
}

func (p password) read(io streams) (string, error) {
	if !p.PasswordStdin {
		return "", nil
	}
	line, err := bufio.NewReader(io.in).ReadString('\n')
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.Join(errors.New("there is no password on standard input"), err)
	}
	return line, nil
}

// links is what a command that prints links needs to know.
type links struct {
	BaseURL string `name:"base-url" default:"http://localhost:8080" placeholder:"URL" help:"Where people reach Keylodge. Default: http://localhost:8080"`
}

// offer prints a link to set a password, for a member who has none.
func (l links) offer(ctx context.Context, io streams, s *workspace.Service, m workspace.Member) error {
	has, err := s.HasPassword(ctx, m.UserID)
	if err != nil || has {
		return err
	}
	link, err := l.resetLink(ctx, s, m.Email)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(io.out, "Give %s this link to set a password. It works once, for a day:\n%s\n", m.Email, link)
	return err
}

func (l links) resetLink(ctx context.Context, s *workspace.Service, email string) (string, error) {
	base, err := parseBaseURL(l.BaseURL)
	if err != nil {
		return "", err
	}
	token, err := s.NewResetLink(ctx, email)
	if workspace.KindOf(err) == workspace.NotFound {
		return "", fmt.Errorf("nobody has the address %s", email)
	}
	if err != nil {
		return "", err
	}
	return base.JoinPath("reset-password").String() + "?" + url.Values{"token": {token}}.Encode(), nil
}

// parseBaseURL reads a scheme and a host with nothing after it. The host is
// returned in lower case.
func parseBaseURL(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" ||
		*u != (url.URL{Scheme: u.Scheme, Host: u.Host}) ||
		!hosts.Valid(u.Host) || strings.HasSuffix(u.Hostname(), ".") {
		return nil, errUsage{"--base-url must be http:// or https:// and a host, such as https://keys.example.com"}
	}
	u.Host = strings.ToLower(u.Host)
	return u, nil
}
