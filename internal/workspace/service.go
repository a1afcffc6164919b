package workspace

import (
	"context"
	"errors"
	"time"

	"github.com/keylodge/keylodge/internal/password"
	"github.com/keylodge/keylodge/internal/secret"
)

// Service is everything that can be done in Keylodge. Every mutation goes
// through act.go, which writes its audit events in the transaction of the
// mutation itself.
type Service struct {
	store     Store
	keyPrefix string
	sessions  SessionPolicy
	now       func() time.Time
	passwords *password.Hasher
	mail      bool
	links     Links
	jobs      *jobSignals

	privateHooks bool
}

// Config configures a Service. Zero fields mean the defaults.
type Config struct {
	KeyPrefix    string           // secret.DefaultPrefix
	Sessions     SessionPolicy    // DefaultSessionPolicy
	Now          func() time.Time // time.Now
	Mail         bool             // emails are sent: an outbox delivers them
	Links        Links            // without them no messages are written at all
	PrivateHooks bool             // webhooks may go to this machine and private networks
}

// NewService returns a service over a store whose migrations have run.
func NewService(store Store, c Config) *Service {
	s := &Service{
		store:        store,
		keyPrefix:    c.KeyPrefix,
		sessions:     c.Sessions,
		now:          c.Now,
		passwords:    password.NewHasher(),
		mail:         c.Mail,
		links:        c.Links,
		jobs:         newJobSignals(),
		privateHooks: c.PrivateHooks,
	}
	if s.keyPrefix == "" {
		s.keyPrefix = secret.DefaultPrefix
	}
	if s.sessions == (SessionPolicy{}) {
		s.sessions = DefaultSessionPolicy
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

// clock returns the present in the form in which it is stored: UTC, to the
// microsecond.
func (s *Service) clock() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// Now returns the service's time: the one by which it decides what has expired.
func (s *Service) Now() time.Time { return s.clock() }

// Tidy deletes expired rows: sessions past their limits, links that were never
// used, stale counts of wrong passwords, devices whose cookies have ended,
// undelivered messages, old usage and jobs, and events that are older than
// their workspace keeps its audit log.
func (s *Service) Tidy(ctx context.Context) error {
	now := s.clock()
	return errors.Join(s.prune(ctx, Retention{
		SessionsSeen:  now.Add(-s.sessions.Idle),
		SessionsBegun: now.Add(-s.sessions.Absolute),
		OneTimeTokens: now,
		Throttles:     now.Add(-failureMemory),
		KnownDevices:  now.Add(-KnownDeviceLifetime),
		Undelivered:   now.Add(-undeliveredAge),
		UsageHours:    now.Add(-usageMemory),
		UsageBatches:  now.Add(-batchMemory),
		Jobs:          now.Add(-jobMemory),
		Limit:         deletePiece,
	}), s.pruneAuditLogs(ctx))
}

// deletePiece is how many rows of a table one transaction deletes, during which
// other writers wait.
const deletePiece = 1000

// prune deletes the rows of r, a limited number in each transaction.
func (s *Service) prune(ctx context.Context, r Retention) error {
	for more := true; more; {
		err := s.sweep(ctx, func(tx Tx) (err error) {
			more, err = tx.Prune(ctx, r)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
