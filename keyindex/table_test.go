package keyindex

import (
	"encoding/binary"
	"runtime"
	"testing"
	"time"

	"github.com/keylodge/keylodge/workspace"
)

// fact returns the nth of endless different keys.
func fact(n int) workspace.KeyFact {
	f := workspace.KeyFact{WorkspaceID: "ws", OwnerID: "usr", Name: "CI deploy"}
	binary.BigEndian.PutUint64(f.ID[4:], uint64(n))
	var text [8]byte
	binary.BigEndian.PutUint64(text[:], uint64(n))
	f.Digest = workspace.TokenDigest(string(text[:]))
	return f
}

// fill puts n keys of one active owner into a new table.
func fill(n int) *table {
	t := newTable()
	t.Workspace("ws", "acme")
	t.Member("ws", "usr", workspace.Owner, true)
	for i := range n {
		t.Key(fact(i))
	}
	return t
}

func TestTableFindsWhatWasPutIn(t *testing.T) {
	const n = 50_000 // grows the slots six times and fills a dozen chunks
	table := fill(n)
	for i := range n {
		f := fact(i)
		if r := table.find(&f.Digest); r == nil || r.id != f.ID || table.name(r) != f.Name {
			t.Fatalf("key %d is lost", i)
		}
	}
	for i := n; i < 2*n; i++ {
		if f := fact(i); table.find(&f.Digest) != nil {
			t.Fatalf("key %d was never put in", i)
		}
	}
}

// Two digests that share all that a slot holds of them, and one that shares its place too.
func TestTableTellsCollisionsApart(t *testing.T) {
	table := fill(0)
	a := fact(1)
	b, c := a, a
	b.ID[0], c.ID[0] = 1, 2
	b.Digest[31] ^= 1
	c.Digest[8] ^= 1
	for _, f := range []workspace.KeyFact{a, b, c} {
		table.Key(f)
	}
	for _, f := range []workspace.KeyFact{a, b, c} {
		if r := table.find(&f.Digest); r == nil || r.id != f.ID {
			t.Errorf("digest %x… gives another key", f.Digest[:4])
		}
	}
}

func TestTableReplacesFacts(t *testing.T) {
	table := fill(10)
	f := fact(3)
	f.Name, f.Revoked, f.ExpiresAt, f.OwnerID = "Renamed", true, time.UnixMicro(5), "other"
	table.Key(f)
	r := table.find(&f.Digest)
	if table.count != 10 || table.name(r) != "Renamed" || !r.revoked || r.expires != 5 || table.members.all[r.member].UserID != "other" {
		t.Errorf("the record is %+v", *r)
	}
	if table.standing(r).OwnerActive {
		t.Error("an owner whom nobody has told of is active")
	}
	table.Member("ws", "other", workspace.Developer, true)
	if !table.standing(r).OwnerActive {
		t.Error("an owner who became active is not")
	}
	table.Workspace("ws", "acme-corp")
	if slug := table.members.all[r.member].WorkspaceSlug; slug != "acme-corp" {
		t.Errorf("the owner is still of %q", slug)
	}
}

// BenchmarkLookup is hash and decision with a million keys, asked for in no order.
func BenchmarkLookup(b *testing.B) {
	const n = 1_000_000
	x := &Index{table: fill(n), uses: newUses()}
	secrets := make([]workspace.Secret, 1<<16)
	for i := range secrets {
		secrets[i] = workspace.NewSecret("kl")
		f := fact(n + i)
		f.Digest = secrets[i].Digest()
		x.table.Key(f)
	}
	now := time.Now()
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		digest := secrets[i*40503%len(secrets)].Digest()
		if _, d := x.lookup(&digest, "", now); d != workspace.DecisionValid {
			b.Fatal(d)
		}
	}
}

// BenchmarkMemory reports the bytes that a key takes, all told.
func BenchmarkMemory(b *testing.B) {
	const n = 1_000_000
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		table := fill(n)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/key")
		start := time.Now()
		runtime.GC()
		b.ReportMetric(float64(time.Since(start).Microseconds())/1000, "ms/gc")
		runtime.KeepAlive(table)
	}
}
