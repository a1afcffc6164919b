package e2e

import (
	"io"
	"net"
	"sync"
	"testing"
)

// wire is the connection between a node and its database, which can be broken.
type wire struct {
	listener net.Listener
	to       string

	mu     sync.Mutex
	isCut  bool
	muted  bool
	heard  *sync.Cond // muted may have changed
	opened map[net.Conn]bool
}

func newWire(t *testing.T, to string) *wire {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: listener, to: to, opened: map[net.Conn]bool{}}
	w.heard = sync.NewCond(&w.mu)
	go w.accept()
	t.Cleanup(func() {
		listener.Close()
		w.cut()
		w.heard.Broadcast()
	})
	return w
}

// through returns the URL of a database through the wire.
func (w *wire) through(t *testing.T, database string) string {
	return atHost(t, database, w.listener.Addr().String())
}

func (w *wire) accept() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", w.to)
		if err != nil || !w.keep(near, far) {
			near.Close()
			if far != nil {
				far.Close()
			}
			continue
		}
		go w.carry(near, far)
		go w.carry(far, near)
	}
}

// keep records the two ends of a connection, unless the wire is cut.
func (w *wire) keep(near, far net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.isCut {
		return false
	}
	w.opened[near], w.opened[far] = true, true
	return true
}

func (w *wire) carry(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		w.mu.Lock()
		for w.muted && !w.isCut {
			w.heard.Wait()
		}
		w.mu.Unlock()
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err == io.EOF || err != nil {
			return
		}
	}
}

// cut closes all connections, and every new one at once.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isCut = true
	for c := range w.opened {
		c.Close()
	}
	clear(w.opened)
	w.heard.Broadcast()
}

// mute keeps all connections open but transfers nothing, so neither side
// notices.
func (w *wire) mute() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.muted = true
}

// mend ends cut or mute. Held back data is then transferred.
func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isCut, w.muted = false, false
	w.heard.Broadcast()
}
