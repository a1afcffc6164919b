// Package outbox sends messages to the outside, in the background, and tries again for some time when that fails.
package outbox

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Outbox sends what is queued. It keeps messages in memory: those that are not sent when the program is killed are lost, which the audit
// trail is not.
type Outbox[T any] struct {
	Send  func(context.Context, T) error
	Final func(error) bool                 // trying again would change nothing
	About func(message T, err error) []any // what the log says of a message that could not be sent: no secret, no person's address
	Waits []time.Duration                  // before each further try
	queue chan T
	busy  chan struct{} // one for each message that is being sent
}

const (
	// MaxQueued is how many messages may wait.
	MaxQueued = 1000

	patience = 10 * time.Second // for what is still queued when the program ends
)

// New returns an outbox that sends several messages at once, at most.
func New[T any](atOnce int) *Outbox[T] {
	return &Outbox[T]{queue: make(chan T, MaxQueued), busy: make(chan struct{}, atOnce)}
}

// Queue takes a message to be sent soon. It never waits: it returns false when too many wait already.
func (o *Outbox[T]) Queue(message T) bool {
	select {
	case o.queue <- message:
		return true
	default:
		return false
	}
}

// Run sends what is queued until ctx ends, and then for some seconds what is still queued.
func (o *Outbox[T]) Run(ctx context.Context, log *slog.Logger) {
	last, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var sending sync.WaitGroup
	for ctx.Err() == nil {
		select {
		case m := <-o.queue:
			sending.Go(func() { o.deliver(ctx, last, m, log) })
		case <-ctx.Done():
		}
	}
	timer := time.AfterFunc(patience, cancel)
	defer timer.Stop()
	for len(o.queue) > 0 {
		m := <-o.queue
		sending.Go(func() { o.deliver(ctx, last, m, log) })
	}
	sending.Wait()
}

// deliver tries until it works, it fails for good, or there have been enough tries. Once ctx has ended it tries once more at most; last ends
// all trying.
func (o *Outbox[T]) deliver(ctx, last context.Context, m T, log *slog.Logger) {
	for try := 0; ; try++ {
		ending := ctx.Err() != nil
		o.busy <- struct{}{}
		err := o.Send(last, m)
		<-o.busy
		if err == nil {
			return
		}
		if o.Final(err) || ending || try == len(o.Waits) {
			log.Error("a message could not be sent, and was given up", o.About(m, err)...)
			return
		}
		log.Warn("a message could not be sent, and will be tried again", o.About(m, err)...)
		select {
		case <-time.After(o.Waits[try]):
		case <-ctx.Done():
		}
	}
}
