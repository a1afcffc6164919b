package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// gcSettings are what the garbage collector can be told. Ballast is what the
// program does by itself; it has none when GOGC is set.
var gcSettings = []struct {
	name string
	env  []string
}{
	{"ballast of 64 MiB", nil},
	{"GOGC=100", []string{"GOGC=100"}},
	{"GOGC=400", []string{"GOGC=400"}},
	{"GOGC=off, GOMEMLIMIT=128MiB", []string{"GOGC=off", "GOMEMLIMIT=128MiB"}},
}

// measureGC compares the settings by GET /verify with few keys, where the heap
// is small and the collector runs most often, and by the memory then held.
func measureGC(ctx context.Context, b *bench) ([]row, error) {
	database := filepath.Join(b.folder, "gc.db")
	secrets, err := seed(ctx, database, thousandKeys)
	if err != nil {
		return nil, err
	}
	keys, err := b.keysFile("gc-keys.txt", secrets)
	if err != nil {
		return nil, err
	}
	var servers []*server
	var loads []func() (load, error)
	for _, setting := range gcSettings {
		cmd := exec.CommandContext(ctx, b.program, "serve", "--addr", "127.0.0.1:0", "--db", database)
		cmd.Env = append(os.Environ(), setting.env...)
		s, err := startServer(ctx, cmd)
		if err != nil {
			return nil, err
		}
		defer s.stop()
		servers = append(servers, s)
		loads = append(loads, func() (load, error) { return b.wrk(ctx, s.url+"/verify", 32, keys, "") })
	}
	all, err := interleave(loads...)
	if err != nil {
		return nil, err
	}
	ballast := medianOf(all[0], load.rate)
	var rows []row
	for i, setting := range gcSettings {
		rate := medianOf(all[i], load.rate)
		held, err := servers[i].resident()
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{
			fmt.Sprintf("GET /verify, %d keys, with %s", thousandKeys, setting.name),
			fmt.Sprintf("%.0f/s, p99 %.1f ms, %s held", rate, medianOf(all[i], load.slow), held),
			ratio(rate, ballast), "",
		})
	}
	return rows, nil
}

// resident returns the memory that a server holds, as Linux tells it.
func (s *server) resident() (string, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	if err != nil {
		return "", err
	}
	_, line, _ := strings.Cut(string(status), "VmRSS:")
	line, _, _ = strings.Cut(line, "\n")
	return strings.TrimSpace(line), nil
}
