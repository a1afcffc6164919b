package workspace

import (
	"context"
	"errors"
	"slices"
)

// This file is the one place that opens write transactions and inserts audit
// events, so that no mutation can leave out its event: a test over the syntax
// tree holds the rest of the package to it.

// recorder writes down what one transaction does.
type recorder struct {
	service   *Service
	tx        Tx
	actor     Actor
	announces bool // people are told by email what was done to their account
	recorded  bool
}

// record inserts an audit event, marked with the session that the actor used.
func (r *recorder) record(ctx context.Context, e Event) error {
	e.noteSession(r.actor)
	if r.announces {
		if err := r.service.announce(ctx, r.tx, &e); err != nil {
			return err
		}
	}
	r.recorded = true
	return r.tx.InsertEvent(ctx, e)
}

// errNothingRecorded undoes a mutation that left no trace: a bug.
var errNothingRecorded = errors.New("workspace: a mutation recorded no audit event")

func (r *recorder) check(err error) error {
	if err == nil && !r.recorded {
		return errNothingRecorded
	}
	return err
}

// actOnKeys runs fn in a transaction that takes a change number, for whatever
// can affect a verification. It fails, and undoes everything, unless fn records
// at least one event. When fn returns [ErrNothingChanged] everything is undone
// and actOnKeys returns nil.
func (s *Service) actOnKeys(ctx context.Context, actor Actor, fn func(ChangeTx, *recorder) error) error {
	return s.store.Change(ctx, func(tx ChangeTx) error {
		r := &recorder{service: s, tx: tx, actor: actor}
		return r.check(fn(tx, r))
	})
}

// actOnAccounts is actOnKeys for what no verification depends on: sign-ins,
// sessions, factors, settings. People are told by email what was done to their
// account.
func (s *Service) actOnAccounts(ctx context.Context, actor Actor, fn func(Tx, *recorder) error) error {
	return s.store.Update(ctx, func(tx Tx) error {
		r := &recorder{service: s, tx: tx, actor: actor, announces: true}
		return r.check(fn(tx, r))
	})
}

// sweep runs fn in a transaction that records no event. It is for housekeeping:
// counting tries, keeping one-time tokens, noting when something was last used,
// deleting what has expired.
func (s *Service) sweep(ctx context.Context, fn func(Tx) error) error { return s.store.Update(ctx, fn) }

// change is actOnKeys with one event and one permission. fn fills in the
// event's target and details.
func (s *Service) change(ctx context.Context, actor Actor, need Permission, action Action,
	fn func(tx ChangeTx, who authority, e *Event) error) error {
	return s.actOnKeys(ctx, actor, func(tx ChangeTx, r *recorder) error {
		who, err := s.authorizeAct(ctx, tx, actor, need)
		if err != nil {
			return err
		}
		e := s.event(actor, action)
		if err := fn(tx, who, &e); err != nil {
			return err
		}
		return r.record(ctx, e)
	})
}

// update is actOnAccounts with one event. fn decides who may: the proof is a
// password or a token, not a role.
func (s *Service) update(ctx context.Context, actor Actor, action Action, fn func(tx Tx, e *Event) error) error {
	return s.actOnAccounts(ctx, actor, func(tx Tx, r *recorder) error {
		e := s.event(actor, action)
		if err := fn(tx, &e); err != nil {
			return err
		}
		return r.record(ctx, e)
	})
}

// manage is update for what takes a permission all the same.
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

// note records an attempt that was refused.
func (s *Service) note(ctx context.Context, actor Actor, action Action, targetID string) error {
	return s.update(ctx, actor, action, func(_ Tx, e *Event) error {
		e.TargetID = targetID
		return nil
	})
}

// authorizeAct is authorize for a mutation: some permissions want step-up too.
func (s *Service) authorizeAct(ctx context.Context, r Reader, actor Actor, need Permission) (authority, error) {
	who, err := authorize(ctx, r, actor, need)
	if err == nil && slices.Contains(wantFreshProof, need) {
		err = s.FreshProof(actor)
	}
	return who, err
}
