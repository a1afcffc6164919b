package outbox_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/outbox"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// post is an outbox on a real database.
type post struct {
	*testing.T
	db      *store.Store
	service *workspace.Service
	log     *bytes.Buffer
}

func newPost(t *testing.T) *post {
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "keylodge.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &post{t, db, workspace.NewService(db, workspace.Config{Mail: true}), &bytes.Buffer{}}
}

// queue queues emails of a lane to a host.
func (p *post) queue(lane, host string, n int) {
	p.Helper()
	now := time.Now().Add(-time.Second).UTC().Truncate(time.Microsecond)
	err := p.db.Update(p.Context(), func(tx workspace.Tx) error {
		for i := range n {
			m := workspace.Message{
				ID: fmt.Sprintf("msg_%s_%s_%05d", lane, host, i), WorkspaceID: lane, Lane: lane,
				Channel: workspace.ChannelMail, Kind: workspace.MessageText, Host: host,
				To: "lina@" + host, Payload: `{"Subject":"x"}`, CreatedAt: now, NextAt: now,
				Deadline: now.Add(time.Hour),
			}
			if err := tx.InsertMessage(p.Context(), m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		p.Fatal(err)
	}
}

// run runs a sender until end, which waits for it.
func (p *post) run(transport outbox.Transport, atOnce int) (end func()) {
	ctx, cancel := context.WithCancel(p.Context())
	s := &outbox.Sender{Channel: workspace.ChannelMail, Queue: p.service, Transport: transport, AtOnce: atOnce,
		Log: slog.New(slog.NewTextHandler(p.log, nil))}
	var running sync.WaitGroup
	running.Go(func() { s.Run(ctx) })
	end = func() { cancel(); running.Wait() }
	p.Cleanup(end)
	return end
}

func (p *post) waiting(lane string) int {
	p.Helper()
	n, err := p.db.QueuedMessages(p.Context(), workspace.ChannelMail, lane, 100000)
	if err != nil {
		p.Fatal(err)
	}
	return n
}

// receiver takes messages; those to a tarpit it holds until it is let go.
type receiver struct {
	tarpit  func(workspace.Outgoing) bool
	release chan struct{}
	held    chan workspace.Outgoing
	taken   chan workspace.Outgoing
}

func newReceiver(tarpit func(workspace.Outgoing) bool) *receiver {
	return &receiver{tarpit, make(chan struct{}), make(chan workspace.Outgoing, 100000),
		make(chan workspace.Outgoing, 100000)}
}

// Send implements [outbox.Transport].
func (r *receiver) Send(ctx context.Context, out workspace.Outgoing) error {
	if r.tarpit(out) {
		r.held <- out
		select {
		case <-r.release:
		case <-ctx.Done():
			return &workspace.SendError{Text: "broken off", OnlyThis: true}
		}
	}
	r.taken <- out
	return nil
}

func anybody(workspace.Outgoing) bool { return true }

func nobody(workspace.Outgoing) bool { return false }

// TestATarpitOfOneWorkspaceDelaysNoOther queues its messages first, and holds
// them until all others are there.
func TestATarpitOfOneWorkspaceDelaysNoOther(t *testing.T) {
	p := newPost(t)
	r := newReceiver(func(out workspace.Outgoing) bool { return out.Host == "tarpit.example" })
	p.queue("ws_1", "tarpit.example", 40)
	p.queue("ws_3", "tarpit.example", 40)
	p.run(r, 8)
	for range outbox.MaxPerLane {
		<-r.held
	}
	p.queue("ws_2", "acme.example", 20)
	p.queue("ws_4", "acme.example", 20)
	lanes := map[string]int{}
	for range 40 {
		lanes[(<-r.taken).WorkspaceID]++
	}
	if lanes["ws_2"] != 20 || lanes["ws_4"] != 20 || len(r.held) > 0 {
		t.Errorf("taken: %v, and %d more are held", lanes, len(r.held))
	}
	close(r.release)
}

// TestWorkspacesTakeTurns has one workspace queue 200 messages before another
// queues 5, with room for one at a time.
func TestWorkspacesTakeTurns(t *testing.T) {
	p := newPost(t)
	r := newReceiver(nobody)
	p.queue("ws_1", "a.example", 100)
	p.queue("ws_1", "b.example", 100)
	p.queue("ws_2", "c.example", 5)
	p.run(r, 1)
	for place := 1; ; place++ {
		if out := <-r.taken; out.ID == "msg_ws_2_c.example_00004" {
			if place > 12 {
				t.Errorf("its last message is the %dth", place)
			}
			return
		}
	}
}

// TestManyMessagesTakeFewGoroutines holds 2,000 messages.
func TestManyMessagesTakeFewGoroutines(t *testing.T) {
	p := newPost(t)
	for lane := range 50 {
		p.queue(fmt.Sprintf("ws_%02d", lane), fmt.Sprintf("host%02d.example", lane), 1000)
	}
	r := newReceiver(anybody)
	before := runtime.NumGoroutine()
	end := p.run(r, 8)
	for range 8 {
		<-r.held
	}
	if n := runtime.NumGoroutine() - before; n > 8+10 || len(r.held) > 0 {
		t.Errorf("%d goroutines more, and %d messages more are held", n, len(r.held))
	}
	close(r.release)
	for range 200 {
		<-r.taken
	}
	if n := runtime.NumGoroutine() - before; n > 8+10 {
		t.Errorf("%d goroutines more while they are sent", n)
	}
	end()
}

// failing fails each message once, in one way, and then takes it.
type failing struct {
	with  error
	panic bool
	mu    sync.Mutex
	tried map[string]int
	taken chan workspace.Outgoing
}

// Send implements [outbox.Transport].
func (f *failing) Send(_ context.Context, out workspace.Outgoing) error {
	f.mu.Lock()
	f.tried[out.ID]++
	first := f.tried[out.ID] == 1
	f.mu.Unlock()
	switch {
	case first && f.panic:
		panic("a bug")
	case first:
		return f.with
	}
	f.taken <- out
	return nil
}

// TestFailuresAreLogged says what the log tells of them, and of whom it does
// not.
func TestFailuresAreLogged(t *testing.T) {
	for name, c := range map[string]struct {
		*failing
		want string
	}{
		"later": {&failing{with: &workspace.SendError{Text: "The mail server answered 451.", Code: 451}},
			"level=WARN msg=\"message not accepted; will retry\""},
		"never": {&failing{with: &workspace.SendError{Text: "The mail server answered 550.", Code: 550, Final: true}},
			"level=ERROR msg=\"message given up\""},
		"a panic": {&failing{panic: true}, "level=WARN msg=\"message not accepted; will retry\""},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPost(t)
			c.failing.tried, c.failing.taken = map[string]int{}, make(chan workspace.Outgoing, 10)
			p.queue("ws_1", "acme.example", 1)
			logged := make(chan string, 10)
			ctx, cancel := context.WithCancel(t.Context())
			s := &outbox.Sender{Channel: workspace.ChannelMail, Queue: p.service, Transport: c.failing, AtOnce: 2,
				Log: slog.New(slog.NewTextHandler(lines(logged), nil))}
			var running sync.WaitGroup
			running.Go(func() { s.Run(ctx) })
			line := <-logged
			cancel()
			running.Wait()
			if !strings.Contains(line, c.want) || !strings.Contains(line, "host=acme.example") ||
				strings.Contains(line, "lina") || !c.panic && !strings.Contains(line, "code=") {
				t.Errorf("the log says %s", line)
			}
		})
	}
}

// lines is where a log goes, line by line.
type lines chan string

// Write implements [io.Writer].
func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

// TestShutdownLeavesNothingBehind ends while messages are being sent, and
// others wait: those are not begun, and the sender waits for what it has begun.
func TestShutdownLeavesNothingBehind(t *testing.T) {
	p := newPost(t)
	p.queue("ws_1", "acme.example", 10)
	r := newReceiver(anybody)
	end := p.run(r, 8)
	for range outbox.MaxPerLane {
		<-r.held
	}
	close(r.release)
	end()
	sent := len(r.taken)
	if n := p.waiting("ws_1"); n != 10-sent || sent < outbox.MaxPerLane {
		t.Errorf("%d were sent, and %d wait", sent, n)
	}
	end = p.run(newReceiver(nobody), 8) // the next process sends the rest
	for p.waiting("ws_1") > 0 {
		runtime.Gosched()
	}
	end()
}
