package main

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// measureInProcess measures an index of many keys without HTTP: its memory, a
// full garbage collection, and a verification, from the text of a secret to the
// decision and its counting.
func measureInProcess(ctx context.Context, b *bench) ([]row, error) {
	before := liveHeap()
	db, err := store.Open(ctx, b.many)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	index, err := keyindex.Open(ctx, db, keyindex.Options{})
	if err != nil {
		return nil, err
	}
	bytes := float64(liveHeap()-before) / manyKeys
	var collections []float64
	for range rounds {
		began := time.Now()
		runtime.GC()
		collections = append(collections, time.Since(began).Seconds()*1000)
	}
	check := testing.Benchmark(func(t *testing.B) {
		t.ReportAllocs()
		address := netip.MustParseAddr("203.0.113.7")
		for i := range t.N {
			keySecret, ok := secret.Parse(b.secrets[i*4057%len(b.secrets)])
			view, err := index.Current(ctx)
			if !ok || err != nil {
				t.Fatal(err)
			}
			a := view.Verify(keyindex.Request{Secret: keySecret, Agent: "curl/8.1",
				Attempt: workspace.Attempt{Now: time.Now(), IP: address}})
			if a.Decision != workspace.DecisionValid {
				t.Fatal(a.Decision)
			}
		}
	})
	runtime.KeepAlive(index)
	return []row{
		{fmt.Sprintf("memory of %d indexed keys", manyKeys),
			fmt.Sprintf("%.1f MB, %.0f bytes a key", bytes*manyKeys/1e6, bytes), "", "≤ 120 bytes a key"},
		{"a full garbage collection with them", fmt.Sprintf("%.1f ms", median(collections)), "", "≤ 2 ms"},
		{"a verification in process: parse, barrier, hash, decision, counting",
			fmt.Sprintf("%.2f µs, %d allocations", float64(check.NsPerOp())/1000, check.AllocsPerOp()),
			"", "≤ 0.80 µs, none"},
	}, nil
}

func liveHeap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first one found to finalize
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
