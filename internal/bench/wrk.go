package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

//go:embed wrk.lua
var wrkScript []byte

// load is what one round of wrk saw.
type load struct {
	perSecond   float64
	median, p99 time.Duration
}

func (l load) rate() float64  { return l.perSecond }
func (l load) usual() float64 { return l.median.Seconds() * 1000 } // milliseconds
func (l load) slow() float64  { return l.p99.Seconds() * 1000 }    // milliseconds

// wrk asks a server for some seconds over n connections. Headers are of the
// form "Name: value"; with a file of keys each request presents another of
// them; with a body, "json" or "form", the first of them asks about the others.
func (b *bench) wrk(ctx context.Context, url string, n int, keys, body string, headers ...string) (load, error) {
	script := filepath.Join(b.folder, "wrk.lua")
	if err := os.WriteFile(script, wrkScript, 0o600); err != nil {
		return load{}, err
	}
	args := []string{"-t1", "-c" + strconv.Itoa(n), "-d" + roundFor.String(), "-s", script}
	for _, h := range headers {
		args = append(args, "-H", h)
	}
	cmd := exec.CommandContext(ctx, "wrk", append(args, url)...)
	cmd.Env = append(os.Environ(), "BENCH_KEYS="+keys, "BENCH_BODY="+body)
	out, err := cmd.Output()
	if err != nil {
		return load{}, fmt.Errorf("wrk: %w", err)
	}
	_, last, _ := strings.Cut(string(out), "result ")
	var requests, errors int
	var micros, p50, p99 float64
	if _, err := fmt.Sscan(last, &requests, &errors, &micros, &p50, &p99); err != nil || errors > 0 {
		return load{}, fmt.Errorf("wrk: %d wrong answers, %v: %s", errors, err, out)
	}
	return load{float64(requests) / micros * 1e6, time.Duration(p50 * 1e3), time.Duration(p99 * 1e3)}, nil
}

// interleave asks in turn, round by round, so that a noisy machine is noisy for
// all. The first round warms up and does not count.
func interleave(asks ...func() (load, error)) ([][]load, error) {
	all := make([][]load, len(asks))
	for r := range rounds + 1 {
		for i, ask := range asks {
			l, err := ask()
			if err != nil {
				return nil, err
			}
			if r > 0 {
				all[i] = append(all[i], l)
			}
		}
	}
	return all, nil
}

// medianOf returns the median of one figure of all rounds.
func medianOf(rounds []load, figure func(load) float64) float64 {
	var all []float64
	for _, l := range rounds {
		all = append(all, figure(l))
	}
	return median(all)
}
