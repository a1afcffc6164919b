package workspace

import (
	"context"
	"errors"
	"time"
)

// Service is everything that can be done in Keylodge. Every mutation goes
// through act.go, which writes its audit events in the transaction of the
// mutation itself.
type Service struct {
	store     Store
	keyPrefix string
	sessions  SessionPolicy
	now       func() time.Time
	passwords *passwordHasher
	mail      bool
	links     Links
	jobs      *jobSignals

	privateHooks bool
}

// Config is what a Service may be told. Zero fields mean the defaults.
type Config struct {
	KeyPrefix    string           // DefaultKeyPrefix
	Sessions     SessionPolicy    // DefaultSessionPolicy
	Now          func() time.Time // time.Now
	Mail         bool             // emails are sent: an [outbox] runs that hands them over
	Links        Links            // without them no messages are written at all
	PrivateHooks bool             // webhooks may go to this machine and private networks
}

// NewService returns a service over a store whose migrations have run.
func NewService(store Store, c Config) *Service {
	s := &Service{store: store, keyPrefix: c.KeyPrefix, sessions: c.Sessions, now: c.Now, passwords: newPasswordHasher(), mail: c.Mail, links: c.Links, jobs: newJobSignals(), privateHooks: c.PrivateHooks}
	if s.keyPrefix == "" {
		s.keyPrefix = DefaultKeyPrefix
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

func (s *Service) event(actor Actor, action Action) Event {
	now := s.clock()
	return Event{
		ID: newID(eventIDPrefix, now), WorkspaceID: actor.WorkspaceID, At: now, ActorKind: actor.Kind, ActorID: actor.UserID,
		Action: action, Address: actor.Address, RequestID: actor.RequestID,
	}
}

// Tidy deletes expired rows: sessions past their limits, links that were never
// used, stale counts of wrong passwords, devices whose cookies have ended,
// undelivered messages, old usage and jobs, and events that are older than
// their workspace keeps its audit log.
func (s *Service) Tidy(ctx context.Context) error {
	now := s.clock()
	err := s.sweep(ctx, func(tx Tx) error {
		return errors.Join(
			tx.DeleteSessionsBefore(ctx, now.Add(-s.sessions.Idle), now.Add(-s.sessions.Absolute)),
			tx.DeleteOneTimeTokensBefore(ctx, now),
			tx.DeleteThrottlesBefore(ctx, now.Add(-failureMemory)),
			tx.DeleteKnownDevicesBefore(ctx, now.Add(-KnownDeviceLifetime)),
			tx.DeleteUndeliveredBefore(ctx, now.Add(-undeliveredAge)),
		)
	})
	return errors.Join(err, s.deleteInPieces(ctx, func(tx Tx) (int, error) {
		return tx.DeleteUsageBefore(ctx, now.Add(-usageMemory), now.Add(-batchMemory), deletePiece)
	}), s.deleteInPieces(ctx, func(tx Tx) (int, error) {
		return tx.DeleteJobsBefore(ctx, now.Add(-jobMemory), deletePiece)
	}), s.pruneAuditLogs(ctx))
}

// deletePiece is how many rows of a table one transaction deletes: other
// writers wait for no more.
const deletePiece = 1000

// deleteInPieces calls some in one transaction after another until it deletes
// fewer than deletePiece rows.
func (s *Service) deleteInPieces(ctx context.Context, some func(Tx) (int, error)) error {
	for {
		n := 0
		err := s.sweep(ctx, func(tx Tx) (err error) {
			n, err = some(tx)
			return err
		})
		if err != nil || n < deletePiece {
			return err
		}
	}
}
