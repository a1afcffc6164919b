package workspace

import (
	"context"
	"time"
)

// seenPrecision is how exact Session.SeenAt is, unless sessions are very short: a page costs a write only when a
// minute has passed.
const seenPrecision = time.Minute

// Authenticate returns the member whose session a browser's token is, and counts this as being seen. Any
// token that is no live session of an active member of this workspace is an [Error] of kind Unauthenticated.
func (s *Service) Authenticate(ctx context.Context, workspaceID, token string) (Member, error) {
	now := s.clock()
	session, member, err := s.store.SessionMember(ctx, workspaceID, TokenDigest(token))
	if err != nil && KindOf(err) != NotFound {
		return Member{}, err
	}
	if err != nil || !member.Active || !s.sessions.Live(session, now) {
		return Member{}, &Error{Kind: Unauthenticated, Message: "You are signed out. Sign in to go on."}
	}
	if now.Sub(session.SeenAt) >= min(seenPrecision, s.sessions.Idle/10) {
		err = s.store.Update(ctx, func(tx Tx) error { return tx.TouchSession(ctx, session.Digest, now) })
		if KindOf(err) == Unavailable {
			err = nil // a database that can't be written to can still be read; the session just ends sooner
		}
	}
	return member, err
}

// SignOut ends the session for good. Ending one that is over is no failure.
func (s *Service) SignOut(ctx context.Context, actor Actor, token string) error {
	return s.update(ctx, actor, SignedOut, func(tx Tx, e *Event) error {
		e.TargetID = actor.UserID
		return tx.DeleteSession(ctx, TokenDigest(token))
	})
}

// EndSession ends a session that another one replaces in the same browser.
func (s *Service) EndSession(ctx context.Context, token string) error {
	return s.store.Update(ctx, func(tx Tx) error { return tx.DeleteSession(ctx, TokenDigest(token)) })
}
