package main

import (
	"context"
	"fmt"

	"github.com/keylodge/keylodge/internal/postgrestest"
)

// way is a way to ask about a key, beside an Echo handler that asks nobody
// anything and answers the same.
type way struct {
	name, path, baseline string
	aim                  string
	script               string // for wrk; empty: a GET with the key
}

var ways = []way{
	{"GET /verify", "/verify", "/headers", "≥ 0.95", ""},
	{"POST /api/v1/verify", "/api/v1/verify", "/json", "≥ 0.80", "json"},
	{"POST /api/v1/introspect", "/api/v1/introspect", "/introspection", "≥ 0.75", "form"},
}

// measureChecks compares each way to check random keys with an Echo handler
// that writes the same headers and body, and all with one that only answers
// 204.
func measureChecks(ctx context.Context, b *bench) ([]row, error) {
	ours, bare, stop, err := b.pair(ctx, b.many)
	if err != nil {
		return nil, err
	}
	defer stop()
	keys, err := b.keysFile("keys.txt", b.secrets)
	if err != nil {
		return nil, err
	}
	asks := []func() (load, error){func() (load, error) { return b.wrk(ctx, bare.url+"/empty", 32, keys, "") }}
	for _, w := range ways {
		asks = append(asks,
			func() (load, error) { return b.wrk(ctx, ours.url+w.path, 32, keys, w.script) },
			func() (load, error) { return b.wrk(ctx, bare.url+w.baseline, 32, keys, w.script) })
	}
	all, err := interleave(asks...)
	if err != nil {
		return nil, err
	}
	empty := medianOf(all[0], load.rate)
	var rows []row
	for i, w := range ways {
		mine, theirs := all[1+2*i], all[2+2*i]
		rate := medianOf(mine, load.rate)
		rows = append(rows,
			row{fmt.Sprintf("%s, %d keys, against an Echo handler that answers the same", w.name, manyKeys),
				fmt.Sprintf("%.0f/s, %.0f/s", rate, medianOf(theirs, load.rate)), ratio(rate, medianOf(theirs, load.rate)), w.aim},
			row{"  its 99th percentile", fmt.Sprintf("%.1f ms, %.1f ms", medianOf(mine, load.slow), medianOf(theirs, load.slow)),
				ratio(medianOf(mine, load.slow), medianOf(theirs, load.slow)), "≤ 1.15"},
			row{"  against one that only answers 204", fmt.Sprintf("%.0f/s, %.0f/s", rate, empty), ratio(rate, empty), ""})
	}
	return rows, nil
}

// measurePostgres compares strict checks on PostgreSQL, which shares the
// machine, with an Echo handler that only answers 204, and with one that writes
// the same headers.
func measurePostgres(ctx context.Context, b *bench) ([]row, error) {
	server, err := postgrestest.Start()
	if err != nil {
		return nil, err
	}
	defer server.Remove()
	database, err := server.Database()
	if err != nil {
		return nil, err
	}
	secrets, err := seed(ctx, database, thousandKeys)
	if err != nil {
		return nil, err
	}
	keys, err := b.keysFile("postgres-keys.txt", secrets)
	if err != nil {
		return nil, err
	}
	ours, bare, stop, err := b.pair(ctx, database)
	if err != nil {
		return nil, err
	}
	defer stop()
	var rows []row
	for _, c := range []struct {
		connections int
		aim         string
	}{{32, "≥ 0.75"}, {256, "≥ 0.85"}} {
		all, err := interleave(
			func() (load, error) { return b.wrk(ctx, ours.url+"/verify", c.connections, keys, "") },
			func() (load, error) { return b.wrk(ctx, bare.url+"/empty", c.connections, keys, "") },
			func() (load, error) { return b.wrk(ctx, bare.url+"/headers", c.connections, keys, "") })
		if err != nil {
			return nil, err
		}
		mine := medianOf(all[0], load.rate)
		for i, against := range []string{"an Echo handler that only answers 204", "an Echo handler that writes the same headers"} {
			theirs := medianOf(all[1+i], load.rate)
			rows = append(rows, row{
				fmt.Sprintf("GET /verify on PostgreSQL, strict, %d connections, against %s", c.connections, against),
				fmt.Sprintf("%.0f/s, %.0f/s", mine, theirs), ratio(mine, theirs), []string{c.aim, ""}[i],
			})
		}
	}
	return rows, nil
}
