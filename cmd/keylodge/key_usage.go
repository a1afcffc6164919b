package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

type keyUsageCommand struct {
	oneKey
	Days int  `default:"7" help:"How many days back, up to 100. Default: 7"`
	JSON bool `name:"json" help:"Print a JSON array."`
}

// usageHour is how often a key was verified in an hour with one result.
type usageHour struct {
	Hour   time.Time          `json:"hour"`
	Code   workspace.Decision `json:"code"`
	Checks int64              `json:"checks"`
}

// Run prints the hours in which the key was verified, the oldest first. The
// last few seconds are still in the servers' memory.
func (c keyUsageCommand) Run(ctx context.Context, std streams) error {
	if c.Days < 1 || c.Days > 100 {
		return errUsage{"--days takes a number from 1 to 100"}
	}
	return c.change(ctx, func(s *workspace.Service, operator workspace.Actor) error {
		counts, err := s.KeyUsage(ctx, operator, c.ID, s.Now().AddDate(0, 0, -c.Days))
		if err != nil {
			return err
		}
		hours := make([]usageHour, 0, len(counts))
		for _, n := range counts {
			hours = append(hours, usageHour{n.Hour, n.Decision, n.Checks})
		}
		if c.JSON {
			return printJSON(std.out, hours)
		}
		t := tabwriter.NewWriter(std.out, 0, 8, 2, ' ', 0)
		fmt.Fprintln(t, "HOUR (UTC)\tRESULT\tCHECKS")
		for _, h := range hours {
			fmt.Fprintf(t, "%s\t%s\t%d\n", h.Hour.Format("2006-01-02 15:04"), h.Code, h.Checks)
		}
		return t.Flush()
	})
}
