package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

type keyCommand struct {
	Create  keyCreateCommand  `cmd:"" help:"Add a key and print it, once."`
	List    keyListCommand    `cmd:"" help:"List a workspace's keys."`
	Revoke  keyRevokeCommand  `cmd:"" help:"Revoke a key. It is refused from then on, for good."`
	Disable keyDisableCommand `cmd:"" help:"Disable a key. It is refused from then on, until it is enabled."`
	Enable  keyEnableCommand  `cmd:"" help:"Enable a disabled key. It is good again."`
	Usage   keyUsageCommand   `cmd:"" help:"Print how often a key was checked, hour by hour, and with what result."`
}

type keyCreateCommand struct {
	database
	workspaceFlag
	keyPrefix
	Owner   string `required:"" placeholder:"EMAIL" help:"Whose key it is: it can do what they can."`
	Name    string `help:"What it is for."`
	Expires string `default:"never" placeholder:"90d" help:"never, a number of days such as 90d, or a moment in UTC such as 2027-01-31T18:00. Default: never"`

	Scope     []string `sep:"none" placeholder:"SCOPE" help:"Restrict it to this scope; may be repeated, or several with commas between them. Default: full access, all that its owner may do"`
	AllowFrom []string `placeholder:"CIDR" help:"Let it be used from these addresses and networks only. Default: from anywhere"`
	RateLimit string   `placeholder:"100/1m" help:"Let it be used so many times in a time, on each node. Default: no limit"`
}

// Run prints the key, alone on standard output.
func (c keyCreateCommand) Run(io streams) error {
	if err := c.check(); err != nil {
		return err
	}
	return c.with(workspace.Config{KeyPrefix: c.KeyPrefix}, func(ctx context.Context, s *workspace.Service) error {
		w, err := c.find(ctx, s)
		if err != nil {
			return err
		}
		_, secret, err := s.AddKeyFor(ctx, operatorIn(w), c.Owner, workspace.NewKey{
			Name: c.Name, Expires: c.Expires, Scopes: c.scopes(), Addresses: c.AllowFrom, Rate: c.RateLimit,
		})
		if workspace.KindOf(err) == workspace.NotFound {
			return fmt.Errorf("%s is no member of %s", c.Owner, w.Name)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(io.out, secret.Reveal())
		return err
	})
}

// scopes are those of each flag, with commas between them. An empty one stays,
// to be refused: a flag that came to nothing must not make a key with full
// access.
func (c keyCreateCommand) scopes() (all []string) {
	for _, text := range c.Scope {
		all = append(all, strings.Split(text, ",")...)
	}
	return all
}

// keyPrefix is the flag that says how new keys begin.
type keyPrefix struct {
	KeyPrefix string `default:"kl" placeholder:"PREFIX" help:"How new keys begin. Keys with another prefix stay good. Default: kl"`
}

func (k keyPrefix) check() error {
	if !secret.ValidPrefix(k.KeyPrefix) {
		return errUsage{"--key-prefix takes 1 to 16 of a–z, 0–9 and inner '_', beginning with a letter"}
	}
	return nil
}

type keyListCommand struct {
	database
	workspaceFlag
	JSON bool `name:"json" help:"Print a JSON array."`
}

// listedKey is a key as `key list --json` prints it.
type listedKey struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Hint       string     `json:"hint"`
	State      string     `json:"state"`
	Owner      string     `json:"owner"`
	CreatedAt  time.Time  `json:"created_at"`
	ExpiresAt  *time.Time `json:"expires_at"`
	Scopes     []string   `json:"scopes"` // null: full access
	AllowFrom  []string   `json:"allow_from,omitempty"`
	RateLimit  string     `json:"rate_limit,omitempty"`
	DisabledAt *time.Time `json:"disabled_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
	RevokedAt  *time.Time `json:"revoked_at"`
	RevokedBy  string     `json:"revoked_by,omitempty"`
}

// Run lists active keys first, then expired ones, then revoked ones.
func (c keyListCommand) Run(io streams) error {
	return c.with(workspace.Config{}, func(ctx context.Context, s *workspace.Service) error {
		w, err := c.find(ctx, s)
		if err != nil {
			return err
		}
		keys := []listedKey{}
		for _, state := range workspace.KeyStates {
			err := s.EachKey(ctx, operatorIn(w), state, func(k workspace.ListedKey) {
				keys = append(keys, listKey(k, state))
			})
			if err != nil {
				return err
			}
		}
		if c.JSON {
			return printJSON(io.out, keys)
		}
		return printKeys(io.out, keys)
	})
}

func listKey(k workspace.ListedKey, state workspace.KeyState) listedKey {
	l := listedKey{
		ID: k.ID, Name: k.Name, Hint: k.Hint, State: string(state), Owner: k.OwnerName, CreatedAt: k.CreatedAt,
		ExpiresAt: orNil(k.ExpiresAt), Scopes: k.Limits.Scopes, RateLimit: k.Limits.Rate.String(), DisabledAt: orNil(k.DisabledAt),
		LastUsedAt: orNil(k.LastUse.At), RevokedAt: orNil(k.RevokedAt), RevokedBy: k.RevokedByName,
	}
	for _, network := range k.Limits.Addresses {
		l.AllowFrom = append(l.AllowFrom, network.String())
	}
	return l
}

func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func printKeys(out io.Writer, keys []listedKey) error {
	t := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tHINT\tSTATE\tOWNER\tCREATED\tEXPIRES\tLAST USED\tNAME")
	for _, k := range keys {
		if k.DisabledAt != nil && k.State == string(workspace.KeyActive) {
			k.State = "disabled"
		}
		name := workspace.Key{Name: k.Name}.Title()
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Hint, k.State, k.Owner, minute(&k.CreatedAt), minute(k.ExpiresAt), minute(k.LastUsedAt), name)
	}
	return t.Flush()
}

func minute(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.Format("2006-01-02 15:04Z")
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// oneKey names a key.
type oneKey struct {
	database
	ID string `arg:"" help:"The key's id, as key list prints it."`
}

// act does something to the key, in whichever workspace has it.
func (k oneKey) act(do func(context.Context, *workspace.Service, workspace.Actor) error) error {
	if len(secret.Find(k.ID)) > 0 {
		return errUsage{"this is a key; give its id, as keylodge key list prints it"}
	}
	return k.with(workspace.Config{}, func(ctx context.Context, s *workspace.Service) error {
		operator, err := s.OperatorAt(ctx, k.ID)
		if err == nil {
			err = do(ctx, s, operator)
		}
		if workspace.KindOf(err) == workspace.NotFound {
			return fmt.Errorf("there is no key %q", k.ID)
		}
		return err
	})
}

type keyRevokeCommand struct{ oneKey }

// Run revokes the key.
func (c keyRevokeCommand) Run(io streams) error {
	return c.act(func(ctx context.Context, s *workspace.Service, operator workspace.Actor) error {
		key, err := s.RevokeKey(ctx, operator, c.ID, workspace.ReasonNone)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(io.out, "%s (%s) is revoked, since %s.\n", key.Title(), key.Hint, minute(&key.RevokedAt))
		return err
	})
}

type keyDisableCommand struct{ oneKey }

// Run disables the key.
func (c keyDisableCommand) Run(io streams) error {
	return c.act(func(ctx context.Context, s *workspace.Service, operator workspace.Actor) error {
		key, err := s.DisableKey(ctx, operator, c.ID)
		return sayState(io, key, err)
	})
}

type keyEnableCommand struct{ oneKey }

// Run enables the key.
func (c keyEnableCommand) Run(io streams) error {
	return c.act(func(ctx context.Context, s *workspace.Service, operator workspace.Actor) error {
		key, err := s.EnableKey(ctx, operator, c.ID)
		return sayState(io, key, err)
	})
}

func sayState(io streams, key workspace.ListedKey, err error) error {
	switch {
	case err != nil:
	case !key.RevokedAt.IsZero():
		_, err = fmt.Fprintf(io.out, "%s (%s) is revoked, since %s, and stays so.\n", key.Title(), key.Hint, minute(&key.RevokedAt))
	case !key.DisabledAt.IsZero():
		_, err = fmt.Fprintf(io.out, "%s (%s) is disabled, since %s.\n", key.Title(), key.Hint, minute(&key.DisabledAt))
	default:
		_, err = fmt.Fprintf(io.out, "%s (%s) is enabled.\n", key.Title(), key.Hint)
	}
	return err
}
