// Package mail hands messages to an SMTP server.
package mail

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/keylodge/keylodge/workspace"
)

// Sender sends what is queued. It keeps messages in memory: those that are not sent when the program is killed are lost, which the
// audit trail is not.
type Sender struct {
	server
	queue chan workspace.Mail
	waits []time.Duration // before each further try
	busy  chan struct{}   // one for each connection
}

const (
	maxQueued      = 1000
	maxConnections = 4
	patience       = 10 * time.Second // for what is still queued when the program ends
)

var defaultWaits = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}

// Open reads where mail is handed in, see [ParseURL].
func Open(smtpURL string) (*Sender, error) {
	server, err := parseURL(smtpURL)
	return &Sender{server: server, queue: make(chan workspace.Mail, maxQueued), waits: defaultWaits, busy: make(chan struct{}, maxConnections)}, err
}

// Queue takes a message to be sent soon. It never waits: it returns false when too many wait already.
func (s *Sender) Queue(m workspace.Mail) bool {
	select {
	case s.queue <- m:
		return true
	default:
		return false
	}
}

// Run sends what is queued until ctx ends, and then for some seconds what is still queued.
func (s *Sender) Run(ctx context.Context, log *slog.Logger) {
	last, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var sending sync.WaitGroup
	for ctx.Err() == nil {
		select {
		case m := <-s.queue:
			sending.Go(func() { s.deliver(ctx, last, m, log) })
		case <-ctx.Done():
		}
	}
	timer := time.AfterFunc(patience, cancel)
	defer timer.Stop()
	for len(s.queue) > 0 {
		m := <-s.queue
		sending.Go(func() { s.deliver(ctx, last, m, log) })
	}
	sending.Wait()
}

// deliver tries until it works, the server refuses for good, or there have been enough tries. Once ctx has ended it tries once
// more at most; last ends all trying.
func (s *Sender) deliver(ctx, last context.Context, m workspace.Mail, log *slog.Logger) {
	_, domain, _ := strings.Cut(m.To, "@")
	for try := 0; ; try++ {
		ending := ctx.Err() != nil
		s.busy <- struct{}{}
		err := s.send(last, m)
		<-s.busy
		if err == nil {
			return
		}
		if permanent(err) || ending || try == len(s.waits) {
			log.Error("a message could not be sent, and was given up", "domain", domain, "error", safe(err))
			return
		}
		log.Warn("a message could not be sent, and will be tried again", "domain", domain, "error", safe(err))
		select {
		case <-time.After(s.waits[try]):
		case <-ctx.Done():
		}
	}
}

// permanent says whether trying again would change nothing.
func permanent(err error) bool {
	refused, ok := errors.AsType[*mail.SendError](err)
	return errors.Is(err, errUnfit) || ok && !refused.IsTemp() && refused.ErrorCode() >= 500
}

// safe is what may be logged of an error: not the address that a server repeats.
func safe(err error) string {
	if refused, ok := errors.AsType[*mail.SendError](err); ok {
		return "the server answered " + refused.Reason.String()
	}
	return err.Error()
}
