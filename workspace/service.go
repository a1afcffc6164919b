package workspace

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Service is everything that can be done in Keylodge. Each act of somebody's goes through [Service.change] or
// [Service.update]: authorize, then act, then write the audit event, in one transaction. Past them go only the first
// act of all, which makes a workspace and its own events, and housekeeping that nobody did: counting tries, noting
// when a session was seen, and sweeping.
type Service struct {
	store     Store
	keyPrefix string
	sessions  SessionPolicy
	now       func() time.Time
	passwords *passwordHasher
	send      func(Mail)
	hook      func(Hook)

	privateHooks bool
}

// Config is what a Service may be told. Zero fields mean the defaults.
type Config struct {
	KeyPrefix    string           // DefaultKeyPrefix
	Sessions     SessionPolicy    // DefaultSessionPolicy
	Now          func() time.Time // time.Now
	Send         func(Mail)       // takes a message to be sent soon, and never waits; nil: no e-mail
	Hook         func(Hook)       // takes a message to a program to be sent soon, and never waits; nil: none are sent
	PrivateHooks bool             // they may go to this machine and private networks
}

// NewService returns a service over a store whose migrations have run.
func NewService(store Store, c Config) *Service {
	s := &Service{store: store, keyPrefix: c.KeyPrefix, sessions: c.Sessions, now: c.Now, passwords: newPasswordHasher(), send: c.Send, hook: c.Hook, privateHooks: c.PrivateHooks}
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

// clock returns the present in the form in which it is stored: UTC, to the microsecond.
func (s *Service) clock() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// Now returns the service's time: the one by which it decides what has expired.
func (s *Service) Now() time.Time { return s.clock() }

// change is the one way to alter what a key may do. fn fills in the event's target and details.
func (s *Service) change(ctx context.Context, actor Actor, need Permission, action Action,
	fn func(tx ChangeTx, who authority, e *Event) error) error {
	return s.store.Change(ctx, func(tx ChangeTx) error {
		who, err := s.authorizeAct(ctx, tx, actor, need)
		if err != nil {
			return err
		}
		e := s.event(actor, action)
		if err := fn(tx, who, &e); err != nil {
			return err
		}
		e.noteSession(actor)
		return tx.InsertEvent(ctx, e)
	})
}

// update is the one way to alter what no key check depends on: sign-ins, sessions, passwords. Who may is for
// fn to tell: its proof is a password or a token, not a role.
func (s *Service) update(ctx context.Context, actor Actor, action Action, fn func(tx Tx, e *Event) error) error {
	var e Event
	err := s.store.Update(ctx, func(tx Tx) error {
		e = s.event(actor, action)
		if err := fn(tx, &e); err != nil {
			return err
		}
		e.noteSession(actor)
		return tx.InsertEvent(ctx, e)
	})
	if err == nil {
		s.announce(ctx, e)
	}
	return err
}

// note writes down what somebody tried and did not get.
func (s *Service) note(ctx context.Context, actor Actor, action Action, targetID string) error {
	return s.update(ctx, actor, action, func(_ Tx, e *Event) error {
		e.TargetID = targetID
		return nil
	})
}

// authorizeAct is authorize for what alters something.
func (s *Service) authorizeAct(ctx context.Context, r Reader, actor Actor, need Permission) (authority, error) {
	who, err := authorize(ctx, r, actor, need)
	if err == nil && slices.Contains(wantFreshProof, need) {
		err = s.FreshProof(actor)
	}
	return who, err
}

// manage is update for what wants a permission all the same.
func (s *Service) manage(ctx context.Context, actor Actor, need Permission, action Action,
	fn func(tx Tx, who authority, e *Event) error) error {
	return s.update(ctx, actor, action, func(tx Tx, e *Event) error {
		who, err := s.authorizeAct(ctx, tx, actor, need)
		if err != nil {
			return err
		}
		return fn(tx, who, e)
	})
}

func (s *Service) event(actor Actor, action Action) Event {
	now := s.clock()
	return Event{
		ID: newID(eventIDPrefix, now), WorkspaceID: actor.WorkspaceID, At: now, ActorKind: actor.Kind, ActorID: actor.UserID,
		Action: action, Address: actor.Address, RequestID: actor.RequestID,
	}
}

// Tidy removes what is of no more use: sessions past their limits, links that were never used, stale counts of wrong passwords, devices
// whose cookies have ended, old counts of checks, and events that are older than their workspace keeps its audit log.
func (s *Service) Tidy(ctx context.Context) error {
	now := s.clock()
	err := s.store.Update(ctx, func(tx Tx) error {
		return errors.Join(
			tx.DeleteSessionsBefore(ctx, now.Add(-s.sessions.Idle), now.Add(-s.sessions.Absolute)),
			tx.DeleteOneTimeTokensBefore(ctx, now),
			tx.DeleteThrottlesBefore(ctx, now.Add(-failureMemory)),
			tx.DeleteKnownDevicesBefore(ctx, now.Add(-KnownDeviceLifetime)),
			tx.DeleteBulkActsBefore(ctx, now.AddDate(0, 0, -1)),
			tx.DeleteUsageBefore(ctx, now.Add(-usageMemory), now.Add(-batchMemory)),
		)
	})
	return errors.Join(err, s.pruneAuditLogs(ctx))
}
