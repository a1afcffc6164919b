package workspace

import (
	"context"
	"errors"
	"math"
	"slices"
)

// This file is the only one that opens write transactions and inserts audit
// events, so that no mutation can leave out its event. A test over the syntax
// tree holds the rest of the package to it.

// act is one mutation under way: who makes it, and the events of it so far.
type act struct {
	service *Service
	who     authority
	events  []Event
}

// as makes actor the one who did what is recorded from now on: a visitor who
// turns out to be a user, or the server in another workspace.
func (a *act) as(actor Actor) { a.who.Actor = actor }

// record notes what the mutation did to a target. The audit event is written
// when the mutation succeeds. It names the session that the actor used.
func (a *act) record(action Action, targetID string, details map[string]string) {
	if details == nil {
		details = map[string]string{}
	}
	if a.who.SessionID != "" {
		details["session"] = a.who.SessionID
	}
	now := a.service.clock()
	a.events = append(a.events, Event{
		ID: newID(eventIDPrefix, now), WorkspaceID: a.who.WorkspaceID, At: now,
		ActorKind: a.who.Kind, ActorID: a.who.UserID, Action: action, TargetID: targetID, Details: details,
		IP: a.who.IP, RequestID: a.who.RequestID,
	})
}

// noPermission lets every actor act: for mutations that take a proof instead,
// such as a password, a token or a key, and for what the server does by itself.
const noPermission Permission = math.MaxUint8

// errNothingRecorded undoes a mutation that recorded nothing: a bug.
var errNothingRecorded = errors.New("workspace: a mutation recorded no audit event")

// act runs fn in a write transaction, if the actor has the permission. fn must
// record at least one event or return an error; either error undoes everything.
// When fn returns [ErrNothingChanged] everything is undone and act returns nil.
// Users are told by email what was done to their account.
//
// act is for what no verification depends on, such as sign-ins and settings.
func (s *Service) act(ctx context.Context, actor Actor, need Permission, fn func(Tx, *act) error) error {
	return s.store.Update(ctx, func(tx Tx) error {
		return s.perform(ctx, tx, actor, need, func(a *act) error { return fn(tx, a) })
	})
}

// actOnKeys is act for what can affect a verification: its transaction takes a
// change number.
func (s *Service) actOnKeys(ctx context.Context, actor Actor, need Permission, fn func(ChangeTx, *act) error) error {
	return s.store.Change(ctx, func(tx ChangeTx) error {
		return s.perform(ctx, tx, actor, need, func(a *act) error { return fn(tx, a) })
	})
}

// perform authorizes the actor, runs fn and writes the events that it recorded.
func (s *Service) perform(ctx context.Context, tx Tx, actor Actor, need Permission, fn func(*act) error) error {
	who, err := s.authorizeAct(ctx, tx, actor, need)
	if err != nil {
		return err
	}
	a := &act{service: s, who: who}
	if err := fn(a); err != nil {
		return err
	}
	if len(a.events) == 0 {
		return errNothingRecorded
	}
	for _, e := range a.events {
		if err := s.announce(ctx, tx, e); err != nil {
			return err
		}
		if err := tx.InsertEvent(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// sweep runs fn in a write transaction that records no event. It is for
// housekeeping: counting attempts, storing one-time tokens, noting when
// something was last used, deleting what has expired.
func (s *Service) sweep(ctx context.Context, fn func(Tx) error) error { return s.store.Update(ctx, fn) }

// recordRefusal records an attempt that was refused.
func (s *Service) recordRefusal(ctx context.Context, actor Actor, action Action, targetID string) error {
	return s.act(ctx, actor, noPermission, func(_ Tx, a *act) error {
		a.record(action, targetID, nil)
		return nil
	})
}

// authorizeAct is authorize for a mutation: some permissions need step-up too.
// noPermission allows everyone.
func (s *Service) authorizeAct(ctx context.Context, r Reader, actor Actor, need Permission) (authority, error) {
	if need == noPermission {
		return authority{Actor: actor}, nil
	}
	who, err := authorize(ctx, r, actor, need)
	if err == nil && slices.Contains(needFreshProof, need) {
		err = s.RequireFreshProof(actor)
	}
	return who, err
}
