package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// cluster is a database, the nodes that use it, and the history of the clients
// that send requests to them.
type cluster struct {
	t       *testing.T
	history *history
	nodes   []*node
	dana    *client // the owner of the workspace, signed in; her session is good at every node
	owners  []*owner

	stop    chan struct{}
	clients sync.WaitGroup
	number  int // of clients
	turns   atomic.Int32
}

// node is one server, which can be stopped and started again at the same
// address.
type node struct {
	database string // as the node reaches it
	flags    []string

	mu     sync.Mutex
	server *server
}

func (n *node) get() *server {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.server
}

func (n *node) start(t *testing.T) {
	t.Helper()
	s := start(t, n.database, n.flags...)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.server = s
}

// owner is a member whose keys are verified.
type owner struct {
	number int
	email  string

	mu   sync.Mutex
	next int // the number of the next key
	keys []*ownedKey
}

type ownedKey struct {
	number     int
	id, secret string
}

// startCluster starts a node for each route to the database, and creates n
// owners with two keys each.
func startCluster(t *testing.T, owners int, database string, ways []string, flags ...string) *cluster {
	c := &cluster{t: t, stop: make(chan struct{}), history: newHistory(slices.Repeat([]string{"developer"}, owners)...)}
	for _, way := range ways {
		n := &node{database: way, flags: append([]string{"--addr", freeAddress(t), "--failure-limit", "off"}, flags...)}
		n.start(t)
		if c.dana == nil {
			c.dana = n.server.setUp(t)
		}
		c.nodes = append(c.nodes, n)
	}
	for i := range owners {
		o := &owner{number: i, email: fmt.Sprintf("owner%d@acme.example", i)}
		c.nodes[0].server.operator(t, func(ctx context.Context, s *workspace.Service, actor workspace.Actor) error {
			_, err := s.AddMember(ctx, actor, "", o.email, "", workspace.RoleDeveloper)
			return err
		})
		c.owners = append(c.owners, o)
		c.issue(0, o, database)
		c.issue(0, o, database)
	}
	return c
}

// as calls do as one client, repeatedly until the cluster is told to stop.
func (c *cluster) as(do func(client int)) {
	c.number++
	number := c.number
	c.clients.Go(func() {
		for {
			select {
			case <-c.stop:
				return
			default:
				do(number)
			}
		}
	})
}

// end waits until all clients finish their operations.
func (c *cluster) end() {
	close(c.stop)
	c.clients.Wait()
}

func (c *cluster) anyNode() *server { return c.nodes[rand.IntN(len(c.nodes))].get() }

func (c *cluster) anyOwner() *owner { return c.owners[rand.IntN(len(c.owners))] }

// anyKey returns one of the owner's last few keys. Older ones have been tested
// enough.
func (o *owner) anyKey() *ownedKey {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.keys[max(0, len(o.keys)-3)+rand.IntN(min(3, len(o.keys)))]
}

// check verifies a key at a node. A request without a response is not recorded,
// because a verification changes nothing.
func (c *cluster) check(client int, s *server, o *owner, k *ownedKey) {
	call := c.history.now()
	a, err := c.dana.elsewhere(s).trySend(http.MethodGet, "/verify", nil, "Authorization", "Bearer "+k.secret)
	if err != nil || a.status != http.StatusNoContent && a.status != http.StatusUnauthorized {
		return
	}
	c.history.note(client, call, operation{action: checks, owner: o.number, key: k.number},
		outcome{yes: a.status == http.StatusNoContent, role: a.header.Get("X-Keylodge-Role")})
	if id := a.header.Get("X-Keylodge-Key-Id"); id != "" {
		o.mu.Lock()
		defer o.mu.Unlock()
		k.id = id
	}
}

// issue creates a key by the command, as the operator.
func (c *cluster) issue(client int, o *owner, database string) {
	o.mu.Lock()
	k := &ownedKey{number: o.next}
	o.next++
	o.mu.Unlock()
	call := c.history.now()
	r := keylodge(c.t, "", "key", "create", "--workspace", "acme", "--owner", o.email, "--db", database)
	key := keyShape.FindString(r.out)
	if r.code != 0 || key == "" {
		return // no client has the secret, so none can verify it
	}
	c.history.note(client, call, operation{action: issues, owner: o.number, key: k.number}, outcome{})
	k.secret = key
	o.mu.Lock()
	defer o.mu.Unlock()
	o.keys = append(o.keys, k)
}

// revoke revokes a key by the form at a node, once its id is known.
func (c *cluster) revoke(client int, s *server, o *owner, k *ownedKey) {
	o.mu.Lock()
	id := k.id
	o.mu.Unlock()
	if id == "" {
		return
	}
	call := c.history.now()
	a, err := c.dana.elsewhere(s).
		trySend(http.MethodPost, "/settings/api-keys/"+id+"/revoke", nil, "Sec-Fetch-Site", "same-origin",
			"Content-Type", "application/x-www-form-urlencoded")
	c.history.note(client, call, operation{action: revokes, owner: o.number, key: k.number},
		outcome{lost: err != nil || a.status != http.StatusSeeOther})
	if err == nil && strings.HasPrefix(a.location(), "/sign-in") {
		c.t.Error("Dana is signed in no longer, so nothing is revoked")
	}
}

// run runs a command that changes something.
func (c *cluster) run(client int, in operation, database string, arguments ...string) {
	call := c.history.now()
	r := keylodge(c.t, "", append(arguments, "--db", database)...)
	c.history.note(client, call, in, outcome{lost: r.code != 0})
}

// alter changes an owner or one of their keys by the command. It takes the
// possible changes in turn.
func (c *cluster) alter(client int, database string) {
	o := c.anyOwner()
	k := o.anyKey()
	c.check(client, c.anyNode(), o, k) // a successful verification returns the key's id
	o.mu.Lock()
	id := k.id
	o.mu.Unlock()
	in := operation{owner: o.number, key: k.number}
	member := []string{"--workspace", "acme", "--email", o.email}
	switch turn := c.turns.Add(1) % 6; {
	case turn == 0:
		in.action, in.role = changesRole, []string{"developer", "auditor", "admin"}[rand.IntN(3)]
		c.run(client, in, database, append([]string{"user", "role", "--role", in.role}, member...)...)
	case turn == 1:
		in.action = deactivates
		c.run(client, in, database, append([]string{"user", "deactivate"}, member...)...)
		in.action = activates
		c.run(client, in, database, append([]string{"user", "activate"}, member...)...)
	case turn == 2 && id != "":
		in.action = disables
		c.run(client, in, database, "key", "disable", id)
		in.action = enables
		c.run(client, in, database, "key", "enable", id)
	case turn == 3 && id != "":
		in.action = revokes
		c.run(client, in, database, "key", "revoke", id)
	default:
		c.issue(client, o, database)
	}
}

// work waits until the clients have done enough of each action, and enough
// verifications have succeeded and failed.
func (c *cluster) work(enough map[action]int) {
	c.t.Helper()
	eventually(c.t, "the clients to have done enough", func() bool {
		done, yes := c.history.done()
		for a, n := range enough {
			if done[a] < n {
				return false
			}
		}
		no := done[checks] - yes
		return yes >= done[checks]/20 && no >= done[checks]/20
	})
	done, yes := c.history.done()
	c.t.Logf("done: %v, of the checks %d said yes", done, yes)
}

// answers waits until a node responds to verifications.
func (c *cluster) answers(n *node) {
	c.t.Helper()
	eventually(c.t, "the node answers again", func() bool {
		a, err := c.dana.elsewhere(n.get()).
			trySend(http.MethodGet, "/verify", nil, "Authorization", "Bearer "+c.owners[0].anyKey().secret)
		return err == nil && (a.status == http.StatusNoContent || a.status == http.StatusUnauthorized)
	})
}

// fault breaks something for a while and then repairs it.
func (c *cluster) fault(what string, n *node, breakIt func()) {
	c.t.Helper()
	from := c.history.now()
	breakIt()
	c.history.noteFault(what, from)
	c.answers(n)
	c.calm()
}

// calm lets the clients work for a while without a fault.
func (c *cluster) calm() { time.Sleep(300 * time.Millisecond) }

// pause suspends a node's process for a while, as on an overloaded machine.
func (n *node) pause(d time.Duration) {
	p := n.get().cmd.Process
	p.Signal(syscall.SIGSTOP)
	time.Sleep(d)
	p.Signal(syscall.SIGCONT)
}
