package workspace

import (
	"context"
	"sync/atomic"
)

// CountDummyHashesForTest counts the passwords that are hashed for an account
// that does not exist or has none.
func (s *Service) CountDummyHashesForTest() *atomic.Int32 {
	var n atomic.Int32
	dummy := s.passwords.Dummy
	s.passwords.Dummy = func() string {
		n.Add(1)
		return dummy()
	}
	return &n
}

// DummyHashForTest returns what such passwords are compared with.
func (s *Service) DummyHashForTest() string { return s.passwords.Dummy() }

// ActForTest runs fn as a mutation of the actor's, with what writes to the
// database and what records an event.
func (s *Service) ActForTest(ctx context.Context, actor Actor, need Permission,
	fn func(tx Tx, record func(action Action, targetID string)) error) error {
	return s.act(ctx, actor, need, func(tx Tx, a *act) error {
		return fn(tx, func(action Action, targetID string) { a.record(action, targetID, nil) })
	})
}
