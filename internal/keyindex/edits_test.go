package keyindex

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// edited is a database of keys that are edited at random, and an index that
// hears of it.
type edited struct {
	*rand.Rand
	index   *Index
	keys    []workspace.KeyFact
	old     [][]workspace.OldSecretFact // of each key, the oldest first
	dropped []secret.Digest
	owners  int
	secrets uint64

	news    map[int]bool // keys that the index has not heard of yet
	rotated map[int]int  // how many of their newest old secrets are news too
}

var editedAt = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

func newEdited(keys int) *edited {
	e := &edited{Rand: rand.New(rand.NewPCG(1, 2)), owners: 20, news: map[int]bool{}, rotated: map[int]int{}}
	for n := range keys {
		f := fact(n)
		f.Digest = e.digest()
		e.keys, e.old = append(e.keys, f), append(e.old, nil)
	}
	e.index = e.fresh()
	return e
}

func (e *edited) digest() secret.Digest {
	e.secrets++
	return secret.DigestOf(string(binary.BigEndian.AppendUint64([]byte("edited"), e.secrets)))
}

// facts returns what a database says of a key: nothing that it shares with
// others.
func (e *edited) fact(n int) workspace.KeyFact {
	f := e.keys[n]
	f.Name = strings.Clone(f.Name)
	f.Limits.Networks = slices.Clone(f.Limits.Networks)
	if len(f.Limits.Scopes) > 0 {
		f.Limits.Scopes = strings.Split(strings.Join(f.Limits.Scopes, " "), " ")
	}
	return f
}

// fresh loads an index of all that there is.
func (e *edited) fresh() *Index {
	t := newTable()
	_, err := load(t, func(l workspace.FactSink) (int64, error) {
		l.Workspace(workspace.WorkspaceFact{ID: "ws", Slug: "acme"})
		l.Member(workspace.MemberFact{WorkspaceID: "ws", UserID: "usr", ActsAs: "usr", Role: workspace.RoleOwner,
			Active: true})
		for i := range e.owners {
			l.Member(workspace.MemberFact{WorkspaceID: "ws", UserID: fmt.Sprint("usr-", i),
				ActsAs: fmt.Sprint("usr-", i), Role: workspace.RoleDeveloper, Active: true})
		}
		for _, old := range e.old {
			for _, s := range old {
				l.OldSecret(s)
			}
		}
		for n := range e.keys {
			l.Key(e.fact(n))
		}
		return 0, nil
	})
	if err != nil {
		panic(err)
	}
	return &Index{table: t, usage: newUsage()}
}

// edit does one thing to one key.
func (e *edited) edit() {
	n := e.IntN(len(e.keys))
	k := &e.keys[n]
	e.news[n] = true
	switch e.IntN(7) {
	case 0:
		k.Name = strings.Repeat("n", e.IntN(60))
	case 1:
		k.Limits.Scopes = nil
		for i := range e.IntN(8) {
			k.Limits.Scopes = append(k.Limits.Scopes, fmt.Sprintf("scope-%d:%d", i, e.Uint32()))
		}
	case 2:
		k.Limits.Networks = nil
		for range e.IntN(4) {
			k.Limits.Networks = append(k.Limits.Networks,
				netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(e.IntN(256)), byte(e.IntN(256)), 1}), 32))
		}
	case 3:
		k.Limits.Rate = ratelimit.Rate{}
		if e.IntN(2) == 0 {
			k.Limits.Rate = ratelimit.Rate{Requests: 1_000_000, Window: time.Duration(1+e.IntN(86_400)) * time.Second}
		}
	case 4:
		k.OwnerID = fmt.Sprint("usr-", e.IntN(e.owners))
	case 5:
		k.Disabled = !k.Disabled
	case 6:
		e.rotate(n)
	}
}

func (e *edited) rotate(n int) {
	k := &e.keys[n]
	old := workspace.OldSecretFact{KeyID: k.ID, Digest: k.Digest, SecretNumber: k.SecretNumber,
		EndsAt: editedAt.Add(time.Hour)}
	k.Digest, k.SecretNumber = e.digest(), k.SecretNumber+1
	e.old[n] = append(e.old[n], old)
	if over := len(e.old[n]) - workspace.MaxOldSecrets; over > 0 {
		e.dropped = append(e.dropped, e.old[n][0].Digest)
		e.old[n] = e.old[n][over:]
	}
	e.news[n] = true
	e.rotated[n] = min(e.rotated[n]+1, workspace.MaxOldSecrets)
}

// tell lets the index hear of all since the last time.
func (e *edited) tell() {
	var news facts
	for n := range e.news {
		old := e.old[n]
		for _, s := range old[len(old)-e.rotated[n]:] {
			news.OldSecret(s)
		}
		news.Key(e.fact(n))
	}
	clear(e.news)
	clear(e.rotated)
	e.index.apply(&news, 0)
}

// compare expects the index to give the answers that a freshly loaded one
// gives, about each secret that there is or was.
func (e *edited) compare(t *testing.T) {
	t.Helper()
	fresh := e.fresh()
	compare := func(what string, d secret.Digest, number int, want workspace.Decision) {
		t.Helper()
		q := Request{Slug: "acme", Attempt: workspace.Attempt{Now: editedAt, IP: netip.MustParseAddr("10.0.0.1")}}
		got, loaded := e.index.lookup(&d, q), fresh.lookup(&d, q)
		if got.Found && loaded.Found && told(got) == told(loaded) {
			got.Owner, got.Limits = loaded.Owner, loaded.Limits
		}
		got.Quota, loaded.Quota = ratelimit.Quota{}, ratelimit.Quota{}
		if got != loaded || got.Found && got.SecretNumber != number || want != "" && got.Decision != want {
			t.Fatalf("%s: %+v, want %+v", what, got, loaded)
		}
	}
	for n, k := range e.keys {
		compare("a key", k.Digest, k.SecretNumber, "")
		for _, s := range e.old[n] {
			want := workspace.DecisionExpired
			if s.SecretNumber == k.SecretNumber-1 {
				want = ""
			}
			compare("an old secret", s.Digest, s.SecretNumber, want)
		}
	}
	for _, d := range e.dropped {
		compare("a dropped secret", d, 0, workspace.DecisionNotFound)
	}
}

// told returns what a result says by pointers.
func told(a Result) string {
	if a.Limits == nil {
		return a.Owner.UserID
	}
	return fmt.Sprint(a.Owner.UserID, a.Limits.Limits, a.Limits.ScopeText)
}

// TestEditedIndexAnswersAsAFreshOne edits keys at random, and tells the index
// of it now at once and now late.
func TestEditedIndexAnswersAsAFreshOne(t *testing.T) {
	e := newEdited(300)
	for round := range 200 {
		for range 1 + e.IntN(20) {
			e.edit()
		}
		if round%20 == 0 { // asleep while some keys lose all secrets that the index knows
			for range workspace.MaxOldSecrets + 1 + e.IntN(3) {
				e.rotate(round)
				e.rotate(round + 1)
			}
			fresh := fact(len(e.keys))
			fresh.Digest = e.digest()
			e.keys, e.old = append(e.keys, fresh), append(e.old, nil)
			for range round {
				e.rotate(len(e.keys) - 1)
			}
			e.news[len(e.keys)-1] = true
		}
		e.tell()
		if len(e.index.table.secrets.pending) > 0 {
			t.Fatalf("old secrets wait for a key: %v", e.index.table.secrets.pending)
		}
	}
	e.compare(t)
}

// TestIndexDoesNotGrowByEdits edits keys 100,000 times.
func TestIndexDoesNotGrowByEdits(t *testing.T) {
	e := newEdited(2000)
	for range 10_000 {
		for range 10 {
			e.edit()
		}
		e.tell()
	}
	e.compare(t)
	edited := heap()
	e.index = nil
	without := heap()
	e.index = e.fresh()
	fresh := heap() - without
	edited -= without
	t.Logf("%d bytes after the edits, %d after a load", edited, fresh)
	if edited > fresh+fresh/10 {
		t.Errorf("%d bytes after the edits, %d after a load", edited, fresh)
	}
	runtime.KeepAlive(e)
}

// heap returns how many bytes are in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
