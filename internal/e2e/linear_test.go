package e2e

import (
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/postgrestest"
)

// enoughWork is the number of acknowledged operations of each action that a
// history needs to prove anything.
var enoughWork = map[action]int{checks: 500, issues: 10, revokes: 5, changesRole: 2, deactivates: 2, disables: 1}

// TestChecksAreLinearizable tests Keylodge's main guarantee on three nodes and
// one PostgreSQL, all of which fail at times: a verification that begins after
// a revocation was acknowledged anywhere never succeeds, and some order of all
// operations explains every result.
func TestChecksAreLinearizable(t *testing.T) {
	t.Parallel()
	postgres := postgrestest.New(t)
	database := postgres.URL(t)
	keepCommits(t, database)
	var ways []string
	var wires []*wire
	for range 3 {
		w := newWire(t, hostOf(t, database))
		wires = append(wires, w)
		ways = append(ways, w.through(t, database))
	}
	c := startCluster(t, 4, database, ways)
	for range 4 {
		c.as(func(client int) { o := c.anyOwner(); c.check(client, c.anyNode(), o, o.anyKey()) })
	}
	c.as(func(client int) { c.alter(client, database) })
	c.as(func(client int) {
		o := c.anyOwner()
		k := o.anyKey()
		c.check(client, c.anyNode(), o, k)
		c.revoke(client, c.anyNode(), o, k)
		c.check(client, c.anyNode(), o, k)
		c.issue(client, c.owners[o.number], database)
	})
	a, b, d := c.nodes[0], c.nodes[1], c.nodes[2]
	c.calm()
	c.fault("a node is killed", a, func() { a.get().kill(); a.start(t) })
	c.fault("a node is paused", b, func() { b.pause(time.Second) })
	c.fault("a node is cut off", d, func() { wires[2].cut(); time.Sleep(time.Second); wires[2].mend() })
	c.fault("a node hears nothing", b, func() { wires[1].mute(); time.Sleep(time.Second); wires[1].mend() })
	c.fault("the database starts again", a, func() {
		if err := postgres.Restart(); err != nil {
			t.Fatal(err)
		}
	})
	c.fault("the database crashes", d, func() {
		postgres.Crash()
		if err := postgres.Start(); err != nil {
			t.Fatal(err)
		}
	})
	c.work(enoughWork)
	c.end()
	c.history.mustBeLinearizable(t)
	for _, n := range c.nodes {
		n.get().stop() // before the database is
	}
}

// TestChecksBesideCommandsAreLinearizable is the same for one node on SQLite,
// while commands write to the database.
func TestChecksBesideCommandsAreLinearizable(t *testing.T) {
	t.Parallel()
	database := sqliteFile(t)
	c := startCluster(t, 3, database, []string{database})
	for range 3 {
		c.as(func(client int) { o := c.anyOwner(); c.check(client, c.anyNode(), o, o.anyKey()) })
	}
	for range 2 {
		c.as(func(client int) { c.alter(client, database) })
	}
	c.as(func(client int) {
		o := c.anyOwner()
		c.revoke(client, c.anyNode(), o, o.anyKey())
		c.issue(client, c.owners[o.number], database)
	})
	n := c.nodes[0]
	c.calm()
	for range 2 {
		c.fault("the node is killed", n, func() { n.get().kill(); n.start(t) })
		c.fault("the node is paused", n, func() { n.pause(500 * time.Millisecond) })
	}
	c.work(enoughWork)
	c.end()
	c.history.mustBeLinearizable(t)
}

// TestHistoryShowsABarrierThatIsOff uses the same checker on nodes that may
// respond from a stale index. It must reject them.
func TestHistoryShowsABarrierThatIsOff(t *testing.T) {
	t.Parallel()
	database := postgrestest.URL(t)
	c := startCluster(t, 1, database, []string{database}, "--max-staleness", "1h")
	o := c.owners[0]
	for range 3 { // besides the first two
		c.issue(1, o, database)
	}
	w := newWire(t, hostOf(t, database))
	c.nodes = append(c.nodes,
		&node{database: w.through(t, database), flags: []string{"--addr", freeAddress(t), "--max-staleness", "1h"}})
	c.nodes[1].start(t) // and loads the keys
	here, there := c.nodes[0].get(), c.nodes[1].get()
	for _, k := range o.keys {
		c.check(1, there, o, k)
		w.mute() // and no hint gets through
		c.revoke(1, here, o, k)
		c.check(2, there, o, k)
		w.mend()
	}
	if verdict, _ := c.history.judge(); verdict != "Illegal" {
		t.Errorf("a node that answers from before is found to be %s", verdict)
	}
}
