package main

import (
	"context"
	"fmt"

	"github.com/keylodge/keylodge/internal/postgrestest"
)

// endpoint is one that verifies keys, and the path of the baseline that writes
// the same answer without looking at anything.
type endpoint struct {
	name, path, baseline string
	aim                  string
	body                 string // that wrk sends; empty: a GET with the secret
}

var endpoints = []endpoint{
	{"GET /verify", "/verify", "/headers", "≥ 0.95", ""},
	{"POST /api/v1/verify", "/api/v1/verify", "/json", "≥ 0.80", "json"},
	{"POST /api/v1/introspect", "/api/v1/introspect", "/introspection", "≥ 0.75", "form"},
}

// measureVerify compares each endpoint, with random keys, to an Echo handler
// that writes the same headers and body, and all to one that only answers 204.
func measureVerify(ctx context.Context, b *bench) ([]row, error) {
	ours, bare, stop, err := b.pair(ctx, b.many)
	if err != nil {
		return nil, err
	}
	defer stop()
	keys, err := b.keysFile("keys.txt", b.secrets)
	if err != nil {
		return nil, err
	}
	sides := []func() (load, error){
		func() (load, error) { return b.wrk(ctx, bare.url+"/empty", 32, keys, "") },
	}
	for _, e := range endpoints {
		sides = append(sides,
			func() (load, error) { return b.wrk(ctx, ours.url+e.path, 32, keys, e.body) },
			func() (load, error) { return b.wrk(ctx, bare.url+e.baseline, 32, keys, e.body) })
	}
	all, err := interleave(sides...)
	if err != nil {
		return nil, err
	}
	empty := medianOf(all[0], load.rate)
	var rows []row
	for i, e := range endpoints {
		mine, theirs := all[1+2*i], all[2+2*i]
		rate, bare := medianOf(mine, load.rate), medianOf(theirs, load.rate)
		slow, bareSlow := medianOf(mine, load.slow), medianOf(theirs, load.slow)
		rows = append(rows,
			row{fmt.Sprintf("%s, %d keys, against an Echo handler that answers the same", e.name, manyKeys),
				fmt.Sprintf("%.0f/s, %.0f/s", rate, bare), ratio(rate, bare), e.aim},
			row{"… its p99", fmt.Sprintf("%.1f ms, %.1f ms", slow, bareSlow), ratio(slow, bareSlow), "≤ 1.15"},
			row{"… against one that only answers 204",
				fmt.Sprintf("%.0f/s, %.0f/s", rate, empty), ratio(rate, empty), ""})
	}
	return rows, nil
}

// measurePostgres compares strict verifications on PostgreSQL, which shares the
// machine, to an Echo handler that only answers 204, and to one that writes the
// same headers.
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
		for i, against := range []struct{ handler, aim string }{
			{"an Echo handler that only answers 204", c.aim}, {"an Echo handler that writes the same headers", ""},
		} {
			theirs := medianOf(all[1+i], load.rate)
			rows = append(rows, row{
				fmt.Sprintf("GET /verify on PostgreSQL, %d connections, against %s", c.connections, against.handler),
				fmt.Sprintf("%.0f/s, %.0f/s", mine, theirs), ratio(mine, theirs), against.aim,
			})
		}
	}
	return rows, nil
}
