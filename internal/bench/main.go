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

// measurement returns rows of the table.
type measurement struct {
	name     string
	seeded   bool // needs the databases that bench.seedAll makes
	measured func(context.Context, *bench) ([]row, error)
}

// measurements is everything that is measured, in the order of the table.
var measurements = []measurement{
	{"verify", true, measureVerify},
	{"postgres", false, measurePostgres},
	{"in-process", true, measureInProcess},
	{"adds", false, measureAdds},
	{"removal", false, measureRemoval},
	{"edits", false, measureEdits},
	{"keys-page", true, measureKeysPage},
	{"start", true, measureStart},
	{"first-visit", true, measureFirstVisit},
	{"sign-in", false, measureSignIn},
	{"lists", false, measureLists},
	{"gc", false, measureGC},
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "baseline" {
		serveBaseline(os.Args[2])
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if len(os.Args) == 2 && os.Args[1] == "soak" {
		err = soak(ctx, 10*time.Minute)
	} else {
		err = run(ctx, os.Args[1:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures what is named, or everything. It prints the rows of each
// measurement as soon as they are there, so that a later failure loses none.
func run(ctx context.Context, names []string) error {
	chosen, err := choose(names)
	if err != nil {
		return err
	}
	b, err := build(ctx)
	if err != nil {
		return err
	}
	defer b.cleanUp()
	if slices.ContainsFunc(chosen, func(m measurement) bool { return m.seeded }) {
		if err := b.seedAll(ctx); err != nil {
			return err
		}
	}
	fmt.Println("| what | measured | ratio | aim |\n| --- | --- | --- | --- |")
	for _, m := range chosen {
		rows, err := m.measured(ctx, b)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		for _, r := range rows {
			fmt.Printf("| %s | %s | %s | %s |\n", r.what, r.measured, r.ratio, r.aim)
		}
	}
	return nil
}

// choose returns the measurements with the names, or all when there are none.
func choose(names []string) (chosen []measurement, err error) {
	if len(names) == 0 {
		return measurements, nil
	}
	for _, name := range names {
		at := slices.IndexFunc(measurements, func(m measurement) bool { return m.name == name })
		if at < 0 {
			return nil, fmt.Errorf("no measurement is named %q", name)
		}
		chosen = append(chosen, measurements[at])
	}
	return chosen, nil
}

func median[T int | float64 | time.Duration](all []T) T {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
