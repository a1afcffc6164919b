package keyindex

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// fact returns the nth of endless different keys.
func fact(n int) workspace.KeyFact {
	f := workspace.KeyFact{WorkspaceID: "ws", OwnerID: "usr", Name: "CI deploy"}
	binary.BigEndian.PutUint64(f.ID[4:], uint64(n))
	var text [8]byte
	binary.BigEndian.PutUint64(text[:], uint64(n))
	f.Digest = secret.DigestOf(string(text[:]))
	return f
}

// Workspace sets what is known of a workspace.
func (t *table) Workspace(w workspace.WorkspaceFact) {
	one := []*workspace.WorkspaceFact{&w}
	t.members.setWorkspaces(one, t.members.movedTo(one))
}

// Key sets what is known of a key.
func (t *table) Key(f workspace.KeyFact) { t.key(&f, t.grants.shared(f.Limits)) }

func (t *table) owner(r *record) *Member { return t.members.all[t.grants.all[r.grantAt()].member] }

// fill puts n keys of one active owner into a new table.
func fill(n int) *table {
	t := newTable()
	t.Workspace(workspace.WorkspaceFact{ID: "ws", Slug: "acme"})
	t.Member(
		workspace.MemberFact{WorkspaceID: "ws", UserID: "usr", ActsAs: "usr", Role: workspace.RoleOwner, Active: true},
	)
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
		if r, n := table.find(&f.Digest); r == nil || r.id != f.ID || table.name(n) != f.Name {
			t.Fatalf("key %d is lost", i)
		}
	}
	for i := n; i < 2*n; i++ {
		f := fact(i)
		if r, _ := table.find(&f.Digest); r != nil {
			t.Fatalf("key %d was never put in", i)
		}
	}
}

// Two digests that share all that a slot holds of them, and one that shares its
// place too.
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
		if r, _ := table.find(&f.Digest); r == nil || r.id != f.ID {
			t.Errorf("digest %x… gives another key", f.Digest[:4])
		}
	}
}

func TestTableReplacesFacts(t *testing.T) {
	table := fill(10)
	f := fact(3)
	f.Name, f.Revoked, f.ExpiresAt, f.OwnerID = "Renamed", true, time.UnixMicro(5), "other"
	table.Key(f)
	r, n := table.find(&f.Digest)
	if table.count != 10 || table.name(n) != "Renamed" || r.flags.state() != revoked || r.expires != 5 ||
		table.owner(r).UserID != "other" {
		t.Errorf("the record is %+v", *r)
	}
	if table.owner(r).Active {
		t.Error("an owner whom nobody has told of is active")
	}
	table.Member(
		workspace.MemberFact{WorkspaceID: "ws", UserID: "other", ActsAs: "other", Role: workspace.RoleDeveloper,
			Active: true},
	)
	if !table.owner(r).Active {
		t.Error("an owner who became active is not")
	}
	table.Workspace(workspace.WorkspaceFact{ID: "ws", Slug: "acme-corp", Disabled: true})
	if w := table.owner(r).Workspace; w.Slug != "acme-corp" || !w.Disabled {
		t.Errorf("the owner is still of %+v", w)
	}
}

// Keys with the same limits share them; what is used up of a rate is each key's
// own and outlives a change of the key.
func TestTableSharesLimits(t *testing.T) {
	table := fill(1000)
	limits := workspace.Limits{Scopes: []string{"a", "b"}}
	for i := range 1000 {
		f := fact(i)
		f.Limits = limits
		table.Key(f)
	}
	if n := len(table.grants.places.all); n != 1 {
		t.Errorf("%d grants for one owner whose keys have the same limits", n)
	}
	one, two := fact(1), fact(2)
	one.Limits.Rate = ratelimit.Rate{Requests: 1, Window: time.Hour}
	two.Limits.Rate = one.Limits.Rate
	table.Key(one)
	table.Key(two)
	ask := func(f workspace.KeyFact) workspace.Decision {
		r, at := table.find(&f.Digest)
		return table.decide(r, at, &Request{Attempt: workspace.Attempt{Now: time.Now()}}).Decision
	}
	if n := len(table.grants.places.all); n != 2 || len(table.grants.all) != 2 {
		t.Errorf("%d grants in %d places for one owner with two sorts of limits", n, len(table.grants.all))
	}
	if ask(one) != workspace.DecisionValid || ask(one) != workspace.DecisionRateLimited ||
		ask(two) != workspace.DecisionValid {
		t.Error("a rate is not a key's own")
	}
	one.Name = "Renamed"
	table.Key(one)
	if got := ask(one); got != workspace.DecisionRateLimited {
		t.Errorf("after the key was renamed it is %s", got)
	}
}

func TestNames(t *testing.T) {
	var c chunk
	want := map[uint32]string{}
	for i := uint32(1); i < 20*chunkLength; i++ {
		place := i * 2654435761 % chunkLength
		want[place] = strings.Repeat("鍵", int(i%101)) + fmt.Sprint(i)[:i%2]
		c.setName(place, want[place])
		if unused := c.names.text.Len() - c.names.used; unused > c.names.used/8+2*spareNames {
			t.Fatalf("%d bytes for names that take %d", c.names.text.Len(), c.names.used)
		}
	}
	used := 0
	for place, name := range want {
		used += len(name)
		if got := c.names.at(c.records[place].name); got != name {
			t.Fatalf("%q, want %q", got, name)
		}
	}
	if c.names.used != used {
		t.Errorf("%d bytes in use, want %d", c.names.used, used)
	}
}

// million is an index of a million keys and some of their secrets.
func million() (*Index, []secret.Secret) {
	const n = 1_000_000
	x := &Index{table: fill(n), usage: newUsage()}
	secrets := make([]secret.Secret, 1<<16)
	for i := range secrets {
		secrets[i] = secret.New("kl")
		f := fact(n + i)
		f.Digest = secrets[i].Digest()
		x.table.Key(f)
	}
	return x, secrets
}

// BenchmarkLookup is hash and decision with a million keys, asked for in no
// order.
func BenchmarkLookup(b *testing.B) {
	x, secrets := million()
	q := Request{Attempt: workspace.Attempt{Now: time.Now()}}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		digest := secrets[i*40503%len(secrets)].Digest()
		if a := x.lookup(&digest, q); a.Decision != workspace.DecisionValid {
			b.Fatal(a.Decision)
		}
	}
}

// BenchmarkCheck is BenchmarkLookup and the counting of it, on all cores.
func BenchmarkCheck(b *testing.B) {
	x, secrets := million()
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		for i := 0; p.Next(); i++ {
			q := Request{
				Secret: secrets[i*40503%len(secrets)], Agent: "curl/8.1",
				Attempt: workspace.Attempt{Now: time.Now(), IP: netip.AddrFrom4([4]byte{203, 0, 113, 7})},
			}
			if a := (View{x}).Verify(q); a.Decision != workspace.DecisionValid {
				b.Fatal(a.Decision)
			}
		}
	})
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
