package workspace

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// Session is one signed-in browser in one workspace. The browser holds a random
// token; the row its digest.
type Session struct {
	Digest      secret.Digest // SHA-256 of the token
	WorkspaceID string
	UserID      string
	CreatedAt   time.Time // the absolute limit counts from here
	SeenAt      time.Time // the idle limit counts from here; exact to a minute
	ProvenAt    time.Time // when the person last proved who they are; zero: a provider did not say
	Proof       Method    // how they did
	Method      Method
	IP          string
	UserAgent   string

	// CredentialVersion is the person's when the session was read. It is not
	// kept.
	CredentialVersion int64
}

// ID names a session among a person's own. It is made of the token's digest and
// signs nobody in.
func (s Session) ID() string { return sessionIDPrefix + idEncoding.EncodeToString(s.Digest[:15]) }

// withCode returns how the session counts once its person has entered a code
// of an authenticator app in it.
func (s Session) withCode() (method, proof Method) {
	method, proof = s.Method, s.Proof
	if method == MethodPassword {
		method = MethodCode
	}
	if proof == MethodPassword || proof == MethodProvider {
		proof = MethodCode
	}
	return method, proof
}

// SessionPolicy is how long a session lasts.
type SessionPolicy struct {
	Idle     time.Duration // without a request
	Absolute time.Duration // whatever happens
}

// DefaultSessionPolicy is 30 minutes idle and 8 hours in all.
var DefaultSessionPolicy = SessionPolicy{Idle: 30 * time.Minute, Absolute: 8 * time.Hour}

// Live reports whether the session is within both limits at now.
func (p SessionPolicy) Live(s Session, now time.Time) bool {
	return now.Before(s.SeenAt.Add(p.Idle)) && now.Before(s.CreatedAt.Add(p.Absolute))
}

// seenPrecision is how exact Session.SeenAt is, unless sessions are very short:
// a page costs a write only when a minute has passed.
const seenPrecision = time.Minute

var errSignedOut = &Error{Kind: Unauthenticated, Message: "You are signed out. Sign in to go on."}

// Authenticate returns the session of a browser's token and its member, and
// counts this as being seen. Any token that is no live session of an active
// member of this workspace is an [Error] of kind Unauthenticated.
func (s *Service) Authenticate(ctx context.Context, workspaceID, token string) (Session, Member, error) {
	now := s.clock()
	session, member, err := s.store.SessionMember(ctx, workspaceID, secret.DigestOf(token))
	if err != nil && KindOf(err) != NotFound {
		return Session{}, Member{}, err
	}
	if err != nil || !member.Active || !s.sessions.Live(session, now) {
		return Session{}, Member{}, errSignedOut
	}
	if now.Sub(session.SeenAt) >= min(seenPrecision, s.sessions.Idle/10) {
		err = s.sweep(ctx, func(tx Tx) error {
			return tx.UpdateSession(ctx, session.Digest,
				SessionUpdate{SeenAt: now})
		})
		err = whenNotFound(err, errSignedOut) // it ended meanwhile
		if KindOf(err) == Unavailable {
			err = nil // a database that can't be written to can still be read; the session just ends sooner
		}
	}
	return session, member, err
}

// SignOut ends the session for good. Ending one that is over is no failure.
func (s *Service) SignOut(ctx context.Context, actor Actor, token string) error {
	return s.act(ctx, actor, noPermission, func(tx Tx, a *act) error {
		a.record(ActionSignedOut, actor.UserID, nil)
		return tx.DeleteSessions(ctx, SessionFilter{Digest: secret.DigestOf(token)})
	})
}

// EndSession ends a session that another one replaces in the same browser.
func (s *Service) EndSession(ctx context.Context, token string) error {
	return s.sweep(ctx, func(tx Tx) error {
		return tx.DeleteSessions(ctx,
			SessionFilter{Digest: secret.DigestOf(token)})
	})
}

// Sessions returns the person's live sessions in the workspace, the one that
// was seen last first.
func (s *Service) Sessions(ctx context.Context, actor Actor) ([]Session, error) {
	return s.liveSessions(ctx, s.store, actor)
}

func (s *Service) liveSessions(ctx context.Context, r Reader, actor Actor) ([]Session, error) {
	all, err := r.Sessions(ctx, actor.WorkspaceID, actor.UserID)
	now := s.clock()
	return slices.DeleteFunc(all, func(session Session) bool { return !s.sessions.Live(session, now) }), err
}

// EndOwnSession ends one of the person's own sessions in the workspace.
func (s *Service) EndOwnSession(ctx context.Context, actor Actor, id string) error {
	return s.endSessions(ctx, actor, func(session Session) bool { return session.ID() == id })
}

// EndOtherSessions ends all of the person's own sessions in the workspace but
// one.
func (s *Service) EndOtherSessions(ctx context.Context, actor Actor, but Session) error {
	return s.endSessions(ctx, actor, func(session Session) bool { return session.Digest != but.Digest })
}

// EndSessionsOf ends all sessions of a member of the actor's workspace, who has
// to sign in again.
func (s *Service) EndSessionsOf(ctx context.Context, actor Actor, userID string) (m Member, err error) {
	err = s.act(ctx, actor, PermitManageMembers, func(tx Tx, a *act) error {
		if m, err = tx.Member(ctx, actor.WorkspaceID, userID); err != nil {
			return err
		}
		if err := a.who.checkMayGive(m.Role); err != nil {
			return err
		}
		a.record(ActionSessionsEnded, m.UserID, nil)
		return tx.DeleteSessions(ctx, SessionFilter{WorkspaceID: m.WorkspaceID, UserID: m.UserID})
	})
	return m, err
}

// endSessions ends those of the person's sessions that end says. It returns
// [ErrNotFound] when there are none.
func (s *Service) endSessions(ctx context.Context, actor Actor, end func(Session) bool) error {
	return s.act(ctx, actor, noPermission, func(tx Tx, a *act) error {
		all, err := s.liveSessions(ctx, tx, actor)
		if err != nil {
			return err
		}
		ended := 0
		for _, session := range all {
			if !end(session) {
				continue
			}
			if err := tx.DeleteSessions(ctx, SessionFilter{Digest: session.Digest}); err != nil {
				return err
			}
			ended++
		}
		if ended == 0 {
			return ErrNotFound
		}
		a.record(ActionSessionsEnded, actor.UserID, map[string]string{"sessions": strconv.Itoa(ended)})
		return nil
	})
}

// maxSessions and maxKnownDevices are how many sessions a member has in a
// workspace, and from how many devices a person is known to sign in. The oldest
// end, so that ending all of them at once stays a small change.
const (
	maxSessions     = 100
	maxKnownDevices = 100
)

// endOldSessions makes room for another session of a member.
func endOldSessions(ctx context.Context, tx Tx, m Member) error {
	all, err := tx.Sessions(ctx, m.WorkspaceID, m.UserID)
	if err != nil || len(all) < maxSessions {
		return err
	}
	for _, old := range all[maxSessions-1:] {
		if err := tx.DeleteSessions(ctx, SessionFilter{Digest: old.Digest}); err != nil {
			return err
		}
	}
	return nil
}
