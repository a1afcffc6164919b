// Package outbox delivers the messages that wait in the database: a bounded
// number at once, a few for each workspace and host, with workspaces taking
// turns.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// Queue holds the messages that wait. A claimed message must be passed to one
// of the methods that take it.
type Queue interface {
	QueuedMessages(workspace.Channel) <-chan struct{}
	DueRoutes(context.Context, workspace.Channel) ([]workspace.Route, error)
	ClaimMessage(context.Context, workspace.Channel, workspace.Route) (workspace.Message, error)
	PrepareMessage(context.Context, workspace.Message) (workspace.Outgoing, error)
	MessageSent(context.Context, workspace.Message) error
	MessageFailed(context.Context, workspace.Outgoing, *workspace.SendError) (workspace.Outcome, error)
	MessageReleased(ctx context.Context, m workspace.Message, why string) error
	DropMessage(context.Context, workspace.Message) error
}

// Transport sends one message. It returns nil when the message was accepted,
// and else a [workspace.SendError].
type Transport interface {
	Send(context.Context, workspace.Outgoing) error
}

// Sender delivers the messages of one channel.
type Sender struct {
	Channel   workspace.Channel
	Queue     Queue
	Transport Transport
	AtOnce    int // messages sent at the same time, each by a goroutine
	Log       *slog.Logger
}

const (
	// MaxPerLane is how many messages of one lane, and how many to one host,
	// one Sender sends at once.
	MaxPerLane = 2

	pollEvery     = 3 * time.Second // for messages of other nodes, and for retries that are due
	shutdownLimit = 10 * time.Second
	relayPause    = 5 * time.Second // after a failure of the whole mail server; doubles each time
	maxRelayPause = 5 * time.Minute
)

// result is the outcome of one message.
type result struct {
	route  workspace.Route
	failed *workspace.SendError // nil: it was sent or dropped
}

// Run delivers messages until ctx ends. Then it waits up to 10 seconds for
// those being sent; after that it cancels them, and they stay queued.
func (s *Sender) Run(ctx context.Context) {
	sending, cancelSending := context.WithCancel(context.WithoutCancel(ctx))
	defer cancelSending()
	var deliveries sync.WaitGroup
	defer deliveries.Wait()
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(shutdownLimit)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancelSending()
		case <-sending.Done():
		}
	})
	defer stop()

	b := newBoard(s.AtOnce)
	results := make(chan result, s.AtOnce)
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	s.refresh(ctx, b)
	for {
		for ctx.Err() == nil {
			route, ok := b.next(time.Now())
			if !ok {
				break
			}
			m, err := s.Queue.ClaimMessage(ctx, s.Channel, route)
			if err != nil {
				b.exhausted(route)
				s.logUnlessNone(ctx, err)
				continue
			}
			b.begin(route)
			deliveries.Go(func() {
				r := result{route: route, failed: &workspace.SendError{Text: "Keylodge failed to send it."}}
				defer func() {
					if p := recover(); p != nil {
						s.Log.Error("delivery panicked; message will be sent again",
							append(about(m), "panic", p)...)
					}
					results <- r
				}()
				r.failed = s.deliver(sending, m)
			})
		}
		select {
		case r := <-results:
			b.end(r, time.Now())
		case <-s.Queue.QueuedMessages(s.Channel):
			s.refresh(ctx, b)
		case <-tick.C:
			s.refresh(ctx, b)
		case <-ctx.Done():
			return
		}
	}
}

func (s *Sender) refresh(ctx context.Context, b *board) {
	routes, err := s.Queue.DueRoutes(ctx, s.Channel)
	if err != nil {
		s.logUnlessNone(ctx, err)
		return
	}
	b.set(routes)
}

func (s *Sender) logUnlessNone(ctx context.Context, err error) {
	if ctx.Err() == nil && workspace.KindOf(err) != workspace.NotFound {
		s.Log.Error("outbox unreadable; will retry", "channel", s.Channel, "error", err)
	}
}

// deliver sends one message and records the outcome.
func (s *Sender) deliver(ctx context.Context, m workspace.Message) *workspace.SendError {
	out, failed := s.try(ctx, m)
	if failed == errObsolete {
		s.settle(ctx, m, func(ctx context.Context) error { return s.Queue.DropMessage(ctx, m) })
		return nil
	}
	if failed == nil {
		s.settle(ctx, m, func(ctx context.Context) error { return s.Queue.MessageSent(ctx, m) })
		s.Log.Debug("message delivered", about(m)...)
		return nil
	}
	if ctx.Err() != nil { // canceled by the shutdown
		s.settle(ctx, m, func(ctx context.Context) error { return s.Queue.MessageReleased(ctx, m, m.LastError) })
		return failed
	}
	var outcome workspace.Outcome
	s.settle(ctx, m, func(ctx context.Context) (err error) {
		outcome, err = s.Queue.MessageFailed(ctx, out, failed)
		return err
	})
	s.logFailure(m, failed, outcome)
	return failed
}

var errObsolete = &workspace.SendError{Text: "no longer relevant"}

// try prepares a message and sends it. A panic is a failure like any other.
func (s *Sender) try(ctx context.Context, m workspace.Message) (out workspace.Outgoing, failed *workspace.SendError) {
	out.Message = m
	defer func() {
		if p := recover(); p != nil {
			failed = &workspace.SendError{Text: "Keylodge failed to send it.", OnlyThis: true,
				Cause: fmt.Errorf("panic: %v", p)}
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, workspace.SendLimit)
	defer cancel()
	out, err := s.Queue.PrepareMessage(ctx, m)
	switch {
	case workspace.KindOf(err) == workspace.NotFound && err != nil:
		return out, errObsolete
	case err != nil:
		return out, &workspace.SendError{Text: "Keylodge could not prepare it.", OnlyThis: true, Cause: err}
	}
	err = s.Transport.Send(ctx, out)
	if err == nil {
		return out, nil
	}
	if failed, ok := errors.AsType[*workspace.SendError](err); ok {
		return out, failed
	}
	return out, &workspace.SendError{Text: "Keylodge failed to send it.", OnlyThis: true, Cause: err}
}

// settleFor is how long to retry recording an outcome. After that the outcome
// is lost: the claim ends, and the message is sent again.
const settleFor = 20 * time.Second

// settle records the outcome of a message, and retries for a while: an accepted
// message must not be sent again because the database was busy.
func (s *Sender) settle(ctx context.Context, m workspace.Message, write func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleFor)
	defer cancel()
	for wait := 100 * time.Millisecond; ; wait *= 2 {
		err := write(ctx)
		if err == nil {
			return
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			s.Log.Error("message outcome not recorded; will be sent again", append(about(m), "error", err)...)
			return
		}
	}
}

func (s *Sender) logFailure(m workspace.Message, failed *workspace.SendError, outcome workspace.Outcome) {
	attributes := append(about(m), "attempt", m.Attempts, "error", failed.Error())
	if failed.Code != 0 {
		attributes = append(attributes, "code", failed.Code)
	}
	switch outcome {
	case workspace.OutcomeRetry:
		s.Log.Warn("message not accepted; will retry", attributes...)
	case workspace.OutcomeOff:
		s.Log.Error("webhook turned off: it answered 410 Gone", attributes...)
	default:
		s.Log.Error("message given up", attributes...)
	}
}

// about returns what the log says about a message: no email, and no URL, whose
// path may be a secret.
func about(m workspace.Message) []any {
	return []any{"channel", m.Channel, "message", m.ID, "kind", m.Kind, "host", m.Host}
}
