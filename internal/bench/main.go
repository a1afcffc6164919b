// Command bench measures Keylodge and prints each aim as a ratio of figures
// taken in the same run: server and client share the machine, rounds are
// interleaved, and what counts is the median.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"text/tabwriter"
	"time"
)

const (
	manyKeys     = 1_000_000
	thousandKeys = 1000
	fewKeys      = 50
	rounds       = 5
	roundFor     = 2 * time.Second
)

// row is one line of the table.
type row struct {
	what, measured, ratio, aim string
}

// measurements is everything that is measured, in the order of the table.
var measurements = []func(context.Context, *bench) ([]row, error){
	measureChecks, measurePostgres, measureInProcess, measureAdds, measureRemoval, measureKeysPage, measureStart, measureFirstVisit, measureSignIn, measureLists, measureEdits,
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "baseline" {
		serveBaseline(os.Args[2])
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	work := run
	if len(os.Args) == 2 && os.Args[1] == "soak" {
		work = func(ctx context.Context) error { return soak(ctx, 10*time.Minute) }
	}
	if len(os.Args) == 2 && alone[os.Args[1]] != nil {
		work = func(ctx context.Context) error { return measureAlone(ctx, alone[os.Args[1]]) }
	}
	if err := work(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	b, err := prepare(ctx)
	if err != nil {
		return err
	}
	defer b.cleanUp()
	var table []row
	for _, measure := range measurements {
		rows, err := measure(ctx, b)
		if err != nil {
			return err
		}
		table = append(table, rows...)
	}
	return print(table)
}

// alone are the measurements that make what they need, and can be asked for by
// name.
var alone = map[string]func(context.Context, *bench) ([]row, error){"sign-in": measureSignIn, "lists": measureLists, "adds": measureAdds, "removal": measureRemoval, "edits": measureEdits}

func measureAlone(ctx context.Context, measure func(context.Context, *bench) ([]row, error)) error {
	b, err := build(ctx)
	if err != nil {
		return err
	}
	defer b.cleanUp()
	table, err := measure(ctx, b)
	if err != nil {
		return err
	}
	return print(table)
}

func print(table []row) error {
	t := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "what\tmeasured\tratio\taim")
	for _, r := range table {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", r.what, r.measured, r.ratio, r.aim)
	}
	return t.Flush()
}

func median[T int | float64 | time.Duration](all []T) T {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
