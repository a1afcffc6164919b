package storetest

import (
	"errors"
	"net/netip"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// record records uses and counts as one batch.
func record(f *fixture, s Store, uses []workspace.KeyUse, counts []workspace.HourCount) error {
	return s.RecordUsage(f.ctx,
		workspace.UsageBatch{ID: workspace.NewBatchID(epoch), At: epoch, Uses: uses, Counts: counts})
}

var hour = epoch.Truncate(time.Hour)

var usageTests = map[string]func(*fixture){
	"the newest use of a key is kept": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		keys := f.addKeys(m, 0, 3, nil)
		use := func(k int, at time.Duration, address, agent string) workspace.KeyUse {
			u := workspace.KeyUse{KeyID: keys[k].ID, Use: workspace.Use{At: epoch.Add(at), Agent: agent}}
			if address != "" {
				u.IP = netip.MustParseAddr(address)
			}
			return u
		}
		gone := use(0, time.Hour, "", "")
		gone.KeyID = testKeyID(99)
		before := f.number()
		f.must(record(f, f, []workspace.KeyUse{use(0, time.Microsecond, "192.0.2.2", "curl"), gone, use(1, 1, "", "")},
			nil))
		f.must(record(f, f, []workspace.KeyUse{use(0, 2*time.Microsecond, someIP.String(), "日本"),
			use(1, -1, "192.0.2.5", "old")}, nil))
		f.must(record(f, f, nil, nil))
		for k, want := range []workspace.Use{
			{At: epoch.Add(2 * time.Microsecond), IP: someIP, Agent: "日本"}, {At: epoch}, {},
		} {
			got, err := f.Key(f.ctx, workspace.KeyLookup{ID: keys[k].ID, AnyWorkspace: true})
			f.must(err)
			equal(f, "last use of "+keys[k].ID, got.LastUse, want)
		}
		equal(f, "number", f.number(), before)
	},
	"counts add up, hour by hour and decision by decision": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		k := f.addKeys(m, 0, 1, nil)[0]
		count := func(hours int, d workspace.Decision, n int64) workspace.HourCount {
			return workspace.HourCount{KeyID: k.ID, Hour: hour.Add(time.Duration(hours) * time.Hour), Decision: d,
				Checks: n}
		}
		gone := count(0, workspace.DecisionValid, 9)
		gone.KeyID = testKeyID(99)
		f.must(record(f, f, nil,
			[]workspace.HourCount{count(0, workspace.DecisionValid, 2), gone, count(1, workspace.DecisionValid, 1)}))
		f.must(record(f, f, nil,
			[]workspace.HourCount{count(1, workspace.DecisionRevoked, 7), count(0, workspace.DecisionValid, 1<<40)}))
		got, err := f.Usage(f.ctx, workspace.UsageFilter{KeyID: k.ID, From: hour})
		f.must(err)
		equal(f, "counts", got, []workspace.HourCount{
			count(0, workspace.DecisionValid, 1<<40+2), count(1, workspace.DecisionRevoked, 7),
			count(1, workspace.DecisionValid, 1),
		})
		got, err = f.Usage(f.ctx, workspace.UsageFilter{KeyID: k.ID, From: hour.Add(time.Hour)})
		f.must(err)
		equal(f, "counts from the second hour on", len(got), 2)
		f.update(func(tx workspace.Tx) error {
			return f.prune(tx, workspace.Retention{UsageHours: hour.Add(time.Hour), UsageBatches: epoch})
		})
		got, err = f.Usage(f.ctx, workspace.UsageFilter{KeyID: k.ID, From: hour})
		f.must(err)
		equal(f, "counts that are left", len(got), 2)
	},
	"a batch that is sent again counts once": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		k := f.addKeys(m, 0, 1, nil)[0]
		b := workspace.UsageBatch{ID: workspace.NewBatchID(epoch), At: epoch,
			Counts: []workspace.HourCount{{KeyID: k.ID, Hour: hour, Decision: workspace.DecisionValid, Checks: 5}}}
		f.must(f.RecordUsage(f.ctx, b))
		f.must(f.RecordUsage(f.ctx, b))
		got, err := f.Usage(f.ctx, workspace.UsageFilter{KeyID: k.ID, From: hour})
		f.must(err)
		equal(f, "checks", got[0].Checks, 5)
	},
	"the newest sources of a key are kept": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		k := f.addKeys(m, 0, 1, nil)[0]
		source := func(n int, checks int64) workspace.KeySource {
			return workspace.KeySource{KeyID: k.ID, SecretNumber: n % 2, Decision: workspace.DecisionValid,
				Checks: checks, Use: workspace.Use{At: epoch.Add(time.Duration(n) * time.Minute),
					IP: netip.AddrFrom4([4]byte{192, 0, 2, byte(n)}), Agent: "curl"}}
		}
		for n := range 30 {
			for range 2 {
				f.must(f.RecordUsage(f.ctx, workspace.UsageBatch{ID: workspace.NewBatchID(epoch), At: epoch,
					Sources: []workspace.KeySource{source(n, 2)}}))
			}
		}
		got, err := f.KeySources(f.ctx, k.ID)
		f.must(err)
		equal(f, "sources", len(got), workspace.SourcesKept)
		equal(f, "the newest", got[0], source(29, 4))
		equal(f, "the oldest", got[len(got)-1], source(10, 4))
	},
	"a thousand keys' usage is recorded together": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		var uses []workspace.KeyUse
		var counts []workspace.HourCount
		for _, k := range f.addKeys(m, 0, 1201, nil) {
			uses = append(uses, workspace.KeyUse{KeyID: k.ID, Use: workspace.Use{At: epoch, IP: someIP}})
			counts = append(counts,
				workspace.HourCount{KeyID: k.ID, Hour: hour, Decision: workspace.DecisionValid, Checks: 3})
		}
		f.must(record(f, f, uses, counts))
		for _, n := range []int{0, 63, 64, 1200} {
			got, err := f.Key(f.ctx, workspace.KeyLookup{ID: testKey(n, m).ID, AnyWorkspace: true})
			f.must(err)
			equal(f, "last use", got.LastUse, workspace.Use{At: epoch, IP: someIP})
			counted, err := f.Usage(f.ctx, workspace.UsageFilter{KeyID: testKey(n, m).ID, From: hour})
			f.must(err)
			equal(f, "counts", len(counted), 1)
		}
	},
	"usage recorded at the same time does not block": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		keys := f.addKeys(m, 0, 700, nil)
		stores := f.writers(6)
		errs := all(len(stores), func(i int) error {
			var uses []workspace.KeyUse
			var counts []workspace.HourCount
			for n := range keys {
				k := keys[n]
				if i%2 == 0 {
					k = keys[len(keys)-1-n]
				}
				uses = append(uses,
					workspace.KeyUse{KeyID: k.ID, Use: workspace.Use{At: listedAt, IP: someIP}})
				counts = append(counts,
					workspace.HourCount{KeyID: k.ID, Hour: hour, Decision: workspace.DecisionValid, Checks: 1})
			}
			return record(f, stores[i], uses, counts)
		})
		f.must(errors.Join(errs...))
		for _, k := range keys {
			got, err := f.Usage(f.ctx, workspace.UsageFilter{KeyID: k.ID, From: hour})
			f.must(err)
			equal(f, "checks", got[0].Checks, int64(len(stores)))
		}
	},
}
