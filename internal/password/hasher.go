package password

import (
	"context"
	"crypto/rand"
	"errors"
	"runtime"
	"sync"
)

const (
	maxAtOnce = 2  // hashes at a time, and at most half of the processors
	maxQueue  = 32 // callers that hash or wait
)

// ErrBusy means that the queue is full, or that the caller's context ended
// while it waited.
var ErrBusy = errors.New("password: too many passwords are being hashed")

// Hasher hashes a few passwords at a time, so that a flood of sign-ins takes
// neither all memory nor all processors. It is safe for concurrent use.
type Hasher struct {
	slots chan struct{}
	queue chan struct{}

	// Dummy returns the hash that Verify compares with when the account has no
	// password.
	Dummy func() string
}

// NewHasher returns a hasher with an empty queue.
func NewHasher() *Hasher {
	atOnce := min(maxAtOnce, max(1, runtime.GOMAXPROCS(0)/2))
	return &Hasher{
		slots: make(chan struct{}, atOnce), queue: make(chan struct{}, maxQueue),
		Dummy: sync.OnceValue(func() string { return hash(rand.Text()) }),
	}
}

// Enter takes a place in the queue, and returns ErrBusy at once when there is
// none. Sign-in calls it before any other work, so that turning a client away
// costs next to nothing.
func (h *Hasher) Enter() (leave func(), err error) {
	select {
	case h.queue <- struct{}{}:
		return func() { <-h.queue }, nil
	default:
		return nil, ErrBusy
	}
}

// Hash enters the queue and returns the password's hash in PHC string format.
func (h *Hasher) Hash(ctx context.Context, password string) (hashed string, err error) {
	leave, err := h.Enter()
	if err != nil {
		return "", err
	}
	defer leave()
	err = h.do(ctx, func() { hashed = hash(password) })
	return hashed, err
}

// Verify reports whether the password has the hash. The caller has entered the
// queue. For an empty hash it takes as long and returns false.
func (h *Hasher) Verify(ctx context.Context, password, hashed string) (ok bool, err error) {
	err = h.do(ctx, func() {
		if hashed == "" {
			verify(password, h.Dummy())
			return
		}
		ok = verify(password, hashed)
	})
	return ok, err
}

// do runs work when a slot is free.
func (h *Hasher) do(ctx context.Context, work func()) error {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return ErrBusy
	}
	work()
	return nil
}
