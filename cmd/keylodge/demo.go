package main

import (
	"context"
	"fmt"
	"hash/crc32"
	"net/netip"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

type demoCommand struct{ serverFlags }

// Run fills a database in a temporary folder, serves it, and removes it when it
// is told to stop.
func (c demoCommand) Run(io streams) error {
	if err := c.checkFlags(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl+C does not wait
	place, err := c.listen(ctx)
	if err != nil {
		return err
	}
	defer place.Close()
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
	return c.serve(ctx, io, place, db, func(base *url.URL, _ *workspace.Service) error {
		_, err := fmt.Fprintf(io.out, "Open %s and sign in as %s with the password %s\nEverything is thrown away when you stop it (Ctrl+C).\n",
			base, demoPeople[0].email, password)
		return err
	})
}

var demoPeople = []struct {
	name, email string
	role        workspace.Role
}{
	{"Dana Okafor", "dana@acme.example", workspace.Owner},
	{"Mei Tanaka", "mei@acme.example", workspace.Admin},
	{"Sam Whitfield", "sam@acme.example", workspace.Developer},
	{"Léa Fontaine", "lea@acme.example", workspace.Developer},
}

var demoNames = []string{
	"CI deploy", "Nightly export", "Zapier", "Laptop script", "", "Grafana", "Terraform", "Backup job", "Support bot", "データ同期",
	"Staging API", "Load test", "Billing sync", "Slack alerts", "Mobile build", "Метрики", "Docs preview", "Import tool",
}

const demoKeys = 60

// demoLimits are what some keys are restricted to.
var demoLimits = []workspace.NewKey{
	{Scopes: []string{"invoices:read"}},
	{Scopes: []string{"deploys:read", "deploys:write"}, Addresses: []string{"203.0.113.0/24", "2001:db8::/32"}},
	{Rate: "100/1m"},
	{Scopes: []string{"exports:read", "exports:write", "invoices:read", "reports:read"}, Rate: "600/1h"},
}

var demoAgents = []string{"curl", "python-requests", "Go-http-client", ""}

// demoDisabled is the place in order of the key that is disabled.
const demoDisabled = 26

// demoQuiet says for which part of its life a key has not been used.
var demoQuiet = []time.Duration{2, 3, 5, 9, 40, 400, 4000}

// fillDemo makes a workspace that has been in use for more than a year, through
// the same service that people use, on a clock of its own. It returns the first
// person's password.
func fillDemo(ctx context.Context, db *store.Store, now time.Time) (string, error) {
	clock := now.AddDate(0, 0, -430)
	s := workspace.NewService(db, workspace.Config{Now: func() time.Time { return clock }})
	password := secret.NewToken()[:16]
	w, owner, err := s.CreateWorkspace(ctx, workspace.NewWorkspace{
		Name: "Acme", Slug: "acme", OwnerName: demoPeople[0].name, OwnerEmail: demoPeople[0].email, OwnerPassword: password,
	})
	if err != nil {
		return "", err
	}
	owners := []workspace.Actor{personIn(w, owner.UserID)}
	for _, p := range demoPeople[1:] {
		m, err := s.AddMember(ctx, operatorIn(w), p.name, p.email, "", p.role)
		if err != nil {
			return "", err
		}
		owners = append(owners, personIn(w, m.UserID))
	}
	usage := workspace.UsageBatch{ID: workspace.NewBatchID(now), At: now}
	for i := range demoKeys {
		born, end := now.Add(-demoAge(i)), now
		clock = born
		wanted := workspace.NewKey{}
		if i%4 == 0 {
			wanted = demoLimits[i/4%len(demoLimits)]
		}
		wanted.Name, wanted.Expires, wanted.Nonce = demoNames[i%len(demoNames)], demoExpiry(i, now.Sub(born)), secret.NewToken()
		key, _, err := s.AddKey(ctx, owners[scatter(i, 1, len(owners))], wanted)
		if err != nil {
			return "", err
		}
		if at := key.ExpiresAt; !at.IsZero() && at.Before(end) {
			end = at
		}
		if i%5 == 2 {
			end = born.Add(end.Sub(born) * 2 / 3)
			clock = end
			if _, err := s.RevokeKey(ctx, owners[scatter(i, 3, 2)], key.ID, workspace.ReasonNone); err != nil {
				return "", err
			}
		}
		if i == demoDisabled {
			end = now.Add(-26 * time.Hour)
			clock = end
			if _, err := s.DisableKey(ctx, owners[0], key.ID); err != nil {
				return "", err
			}
		}
		if i%6 != 5 {
			last := end.Add(-end.Sub(born) / demoQuiet[scatter(i, 2, len(demoQuiet))])
			usage.Uses = append(usage.Uses, workspace.KeyUse{KeyID: key.ID, Use: workspace.Use{At: last, Address: demoAddress(i), Agent: demoAgents[i%len(demoAgents)]}})
		}
	}
	clock = now
	if err := fillDemoScopes(ctx, s, owners[0]); err != nil {
		return "", err
	}
	return password, db.RecordUsage(ctx, usage)
}

// demoScopes are what the sample keys are restricted to.
var demoScopes = []workspace.NamedScope{
	{Name: "deploys:read", Description: "See deployments", Group: "Deployments"}, {Name: "deploys:write", Description: "Start and undo deployments", Group: "Deployments"},
	{Name: "exports:read", Description: "Download exports", Group: "Data"}, {Name: "exports:write", Description: "Start exports", Group: "Data"},
	{Name: "invoices:read", Description: "See invoices", Group: "Billing"}, {Name: "reports:read", Description: "See reports", Group: "Data"},
}

func fillDemoScopes(ctx context.Context, s *workspace.Service, admin workspace.Actor) error {
	for _, scope := range demoScopes {
		if err := s.SaveScope(ctx, admin, scope); err != nil {
			return err
		}
	}
	for name, scopes := range map[string][]string{"CI": {"deploys:read", "deploys:write"}, "read-only": {"deploys:read", "exports:read", "invoices:read", "reports:read"}} {
		if err := s.SaveScopeTemplate(ctx, admin, workspace.ScopeTemplate{Name: name, Scopes: scopes}); err != nil {
			return err
		}
	}
	return nil
}

func personIn(w workspace.Workspace, userID string) workspace.Actor {
	return workspace.Actor{Kind: workspace.ByPerson, WorkspaceID: w.ID, UserID: userID, ProvenAt: time.Now()}
}

// scatter returns a number below n for the ith key that looks as if drawn at
// random and is the same each time.
func scatter(i, kind, n int) int {
	sum := crc32.ChecksumIEEE(fmt.Appendf(nil, "%d of %d", kind, i))
	return int(sum>>8) % n
}

// demoAge returns how old a key is: most are young, the oldest more than a
// year.
func demoAge(i int) time.Duration {
	part := float64(scatter(i, 0, 1000)) / 1000
	return 3*time.Minute + time.Duration(part*part*400*24*float64(time.Hour))
}

// demoExpiry lets some keys end: a few in the days to come, a few in the past.
func demoExpiry(i int, age time.Duration) string {
	days := int(age.Hours() / 24)
	switch i % 10 {
	case 1:
		return fmt.Sprintf("%dd", days+1+i%30)
	case 4:
		return fmt.Sprintf("%dd", max(1, days*2/3))
	}
	return "never"
}

func demoAddress(i int) netip.Addr {
	if i%6 == 0 {
		return netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 15: byte(i + 1)})
	}
	return netip.AddrFrom4([4]byte{203, 0, 113, byte(i + 1)})
}
