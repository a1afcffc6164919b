package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

type checkCommand struct{ database }

// checks are run in order.
var checks = []func(context.Context, *store.Store) (finding, error){
	checkDatabase, checkMigrations, checkCounts, checkAuditLog,
}

// Run prints whether the database is intact, and the heads of the audit log, to
// be kept elsewhere. It changes nothing.
func (c checkCommand) Run(ctx context.Context, std streams) error {
	if err := c.mustExist(); err != nil {
		return err
	}
	db, err := store.Open(ctx, c.DB)
	if err != nil {
		return err
	}
	defer db.Close()
	wrong := 0
	for _, check := range checks {
		f, err := check(ctx, db)
		if err != nil {
			return err
		}
		wrong += f.wrong
		f.print(std)
		if f.last {
			break
		}
	}
	if wrong > 0 {
		return fmt.Errorf("the database is damaged: %s found", counted(wrong, "fault"))
	}
	return nil
}

// finding is the result of one check.
type finding struct {
	what  string   // what was checked
	said  string   // printed when nothing is wrong
	wrong int      // number of faults
	lines []string // the faults, or other facts
	last  bool     // skip the checks after this one
}

// maxFaults is how many faults of one check are printed. The rest are counted.
const maxFaults = 20

func (f *finding) bad(format string, args ...any) {
	f.wrong++
	if f.wrong <= maxFaults {
		f.lines = append(f.lines, fmt.Sprintf(format, args...))
	}
}

func (f *finding) print(std streams) {
	said := f.said
	if f.wrong > 0 {
		said = "WRONG, " + counted(f.wrong, "fault") + " found"
	}
	fmt.Fprintf(std.out, "%-13s %s\n", f.what+":", said)
	for _, line := range f.lines {
		fmt.Fprintln(std.out, "  "+line)
	}
}

func checkDatabase(ctx context.Context, db *store.Store) (finding, error) {
	f := finding{what: "Database", said: "ok, the engine finds nothing wrong"}
	found, err := db.Damage(ctx)
	for _, line := range found {
		f.bad("%s", strings.Join(strings.Fields(line), " "))
	}
	return f, err
}

func checkMigrations(ctx context.Context, db *store.Store) (finding, error) {
	taken, known, err := db.MigrationsTaken(ctx)
	said := fmt.Sprintf("ok, all %d are those of this version", taken)
	f := finding{what: "Migrations", said: said, last: taken < known}
	if err == nil && taken < known {
		f.bad("%d of %d are applied; run keylodge migrate", taken, known)
	}
	return f, err
}

func checkCounts(ctx context.Context, db *store.Store) (finding, error) {
	f := finding{what: "Key counts"}
	members, err := db.WrongCounts(ctx, func(c store.WrongCount) {
		f.bad("%s: %s (%s) has %d keys and %d revoked ones, but is recorded with %d and %d",
			c.Slug, c.Email, c.UserID, c.TrueUnrevoked, c.TrueRevoked, c.Unrevoked, c.Revoked)
	})
	f.said = fmt.Sprintf("ok, right for %s", counted(members, "member"))
	return f, err
}

func checkAuditLog(ctx context.Context, db *store.Store) (finding, error) {
	f := finding{what: "Audit log"}
	heads, err := db.CheckChains(ctx, func(b workspace.Break) { f.bad("%s: %s", chainName(b.Chain), b) })
	var events, unnumbered, chains int
	for _, h := range heads {
		events += int(h.Events)
		unnumbered += int(h.Unnumbered)
		if h.Number > 0 {
			chains++
			f.lines = append(f.lines, fmt.Sprintf("head %s %d %x", chainName(h), h.Number, h.Hash))
		}
	}
	f.said = fmt.Sprintf("ok, %s in %s", counted(events, "event"), counted(chains, "chain"))
	if unnumbered > 0 {
		f.lines = append(f.lines, "older than the chains, and in none: "+counted(unnumbered, "event"))
	}
	return f, err
}

func counted(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

// chainName returns the slug of a chain's workspace, its id when the workspace
// is gone, or "-" for events without a workspace.
func chainName(h workspace.ChainHead) string {
	switch {
	case h.Slug != "":
		return h.Slug
	case h.WorkspaceID == "":
		return "-"
	}
	return h.WorkspaceID
}
