package workspace

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"net/netip"
	"time"
)

// Limits on wrong passwords. Beyond the free tries each costs a wait that doubles.
const (
	freeTriesAccount = 5
	freeTriesAddress = 30
	longestWait      = 15 * time.Minute
	failureMemory    = 24 * time.Hour
)

// KnownDeviceLifetime is how long a browser is remembered as one that somebody has signed in from: as long as
// browsers keep a cookie (RFC 6265bis section 5.6.2).
const KnownDeviceLifetime = 400 * 24 * time.Hour

// SignedInSession is what a sign-in gives: tokens for the browser to keep, and who it is.
type SignedInSession struct {
	Token       string // of the session
	Await       string // instead of all else: the token by which FinishSignIn goes on
	DeviceToken string // proves later that the person has signed in from this browser before
	Member      Member
}

// SignIn starts a session for who knows the password of an active member or, when they have a second factor, returns the
// token by which [Service.FinishSignIn] goes on. Every failure is the same [Error] of kind Unauthenticated, and takes as long,
// whether or not there is such an account.
func (s *Service) SignIn(ctx context.Context, actor Actor, email, password, deviceToken string) (SignedInSession, error) {
	member, proved, err := s.provePassword(ctx, actor, email, password, deviceToken)
	if err != nil {
		return SignedInSession{}, err
	}
	if token, err := s.awaitCode(ctx, member.UserID, proved); err != nil || token != "" {
		return SignedInSession{Await: token}, err
	}
	return s.startSession(ctx, actor, member, proved, deviceToken)
}

// Prove starts a new session for who is signed in and enters their password once more.
func (s *Service) Prove(ctx context.Context, actor Actor, m Member, password, deviceToken string) (SignedInSession, error) {
	member, proved, err := s.provePassword(ctx, actor, m.Email, password, deviceToken)
	if err != nil {
		return SignedInSession{}, err
	}
	actor.Proof = ByPassword
	return s.startSession(ctx, actor, member, proved, deviceToken)
}

// provePassword returns the active member whose password it is, and the counts to take back.
func (s *Service) provePassword(ctx context.Context, actor Actor, email, password, deviceToken string) (Member, []throttleSubject, error) {
	email = FoldEmail(email)
	user, err := s.store.UserByEmail(ctx, email)
	if err != nil && KindOf(err) != NotFound {
		return Member{}, nil, err
	}
	right, subjects, err := s.tryPassword(ctx, actor, email, user, password, deviceToken)
	if err != nil {
		return Member{}, nil, err
	}
	member, err := s.store.Member(ctx, actor.WorkspaceID, user.ID)
	if err != nil && KindOf(err) != NotFound {
		return Member{}, nil, err
	}
	if !right || !member.Active {
		return Member{}, nil, s.refuseSignIn(ctx, actor, user)
	}
	return member, subjects, nil
}

// tryPassword says whether a password is the user's. The try counts as a wrong one until the subjects are forgiven.
func (s *Service) tryPassword(ctx context.Context, actor Actor, email string, user User, password, deviceToken string) (
	right bool, subjects []throttleSubject, err error) {
	leave, err := s.passwords.enter()
	if err != nil {
		return false, nil, err
	}
	defer leave()
	if subjects, err = s.throttleSubjects(ctx, actor, email, user, deviceToken); err != nil {
		return false, nil, err
	}
	if err := s.countTry(ctx, subjects); err != nil {
		return false, nil, err
	}
	right, err = s.passwords.verify(ctx, password, user.PasswordHash)
	if err != nil { // nothing was tried, so nothing counts
		err = errors.Join(err, s.forgive(ctx, subjects))
	}
	return right, subjects, err
}

func (s *Service) forgive(ctx context.Context, subjects []throttleSubject) error {
	return s.sweep(ctx, func(tx Tx) error {
		for _, sub := range subjects {
			if err := tx.ForgiveFailure(ctx, sub.name); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) refuseSignIn(ctx context.Context, actor Actor, user User) error {
	if err := s.note(ctx, actor, SignInRefused, user.ID); err != nil {
		return err
	}
	return &Error{Kind: Unauthenticated, Message: "The e-mail address or the password is wrong."}
}

// StartSession signs a person in who has just proved themselves in another way than by password.
func (s *Service) StartSession(ctx context.Context, actor Actor, m Member) (SignedInSession, error) {
	return s.startSession(ctx, actor, m, nil, "")
}

func (s *Service) startSession(ctx context.Context, actor Actor, m Member, proved []throttleSubject, deviceToken string) (SignedInSession, error) {
	in := SignedInSession{Token: NewToken(), DeviceToken: deviceToken, Member: m}
	actor.Method = cmp.Or(actor.Method, ByPassword)
	actor.Proof = cmp.Or(actor.Proof, actor.Method)
	now := s.clock()
	actor.Kind, actor.UserID = ByPerson, m.UserID
	err := s.update(ctx, actor, SignedIn, func(tx Tx, e *Event) error {
		e.TargetID, e.Details = m.UserID, map[string]string{"method": string(actor.Method)}
		if err := forgiveAll(ctx, tx, proved); err != nil {
			return err
		}
		known, err := s.knownDevice(ctx, tx, m.UserID, deviceToken)
		if err != nil {
			return err
		}
		if !known {
			in.DeviceToken = NewToken()
			if err := tx.InsertKnownDevice(ctx, m.UserID, TokenDigest(in.DeviceToken), now); err != nil {
				return err
			}
		}
		return tx.InsertSession(ctx, Session{
			Digest: TokenDigest(in.Token), WorkspaceID: m.WorkspaceID, UserID: m.UserID,
			CreatedAt: now, SeenAt: now, Method: actor.Method, Proof: actor.Proof, Address: actor.Address, UserAgent: actor.UserAgent,
		})
	})
	return in, err
}

func (s *Service) knownDevice(ctx context.Context, r Reader, userID, token string) (bool, error) {
	if token == "" {
		return false, nil
	}
	return r.KnownDevice(ctx, userID, TokenDigest(token))
}

// throttleSubject is what wrong passwords are counted against.
type throttleSubject struct {
	name      string
	freeTries int
	sharedBy  bool // by many people, so that one's success wipes out that one try only
}

// throttleSubjects: a browser that the person has signed in from before is counted by itself, so that nobody
// else can lock it out; any other by account and by address.
func (s *Service) throttleSubjects(ctx context.Context, actor Actor, email string, user User, device string) ([]throttleSubject, error) {
	known, err := s.knownDevice(ctx, s.store, user.ID, device)
	if err != nil {
		return nil, err
	}
	if known {
		digest := TokenDigest(device)
		return []throttleSubject{{name: "device:" + hex.EncodeToString(digest[:]), freeTries: freeTriesAccount}}, nil
	}
	address, _ := netip.ParseAddr(actor.Address)
	digest := TokenDigest(email) // of whatever was typed, which is not for keeping
	return []throttleSubject{
		{name: "account:" + hex.EncodeToString(digest[:]), freeTries: freeTriesAccount},
		{name: "address:" + AddressHolder(address), freeTries: freeTriesAddress, sharedBy: true},
	}, nil
}

// AddressHolder names what one stranger is taken to hold: an IPv4 address, or an IPv6 /64.
func AddressHolder(address netip.Addr) string {
	address = address.Unmap()
	if !address.Is6() {
		return address.String()
	}
	p, _ := address.Prefix(64)
	return p.String()
}

// countTry counts a try as wrong before it is known to be, in a transaction of its own: tries made in
// parallel can't outrun it, and nothing that fails later undoes it. A try that comes too soon is refused and
// not counted.
func (s *Service) countTry(ctx context.Context, subjects []throttleSubject) error {
	now := s.clock()
	return s.sweep(ctx, func(tx Tx) error {
		for _, sub := range subjects {
			// Counting locks the row, so the block it returns can't be one of a moment ago.
			t, err := tx.CountFailure(ctx, sub.name, now, now.Add(-failureMemory))
			if err != nil {
				return err
			}
			if wait := t.BlockedUntil.Sub(now); wait > 0 {
				return &Error{Kind: Throttled, Message: "Too many wrong tries.", RetryAfter: wait}
			}
			if wait := sub.wait(t.Failures); wait > 0 {
				if err := tx.BlockUntil(ctx, sub.name, now.Add(wait)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// wait returns how long the next try must wait after this many failures.
func (t throttleSubject) wait(failures int) time.Duration {
	over := failures - t.freeTries
	if over < 0 {
		return 0
	}
	return min(time.Second<<min(over, 20), longestWait)
}

func (t throttleSubject) forgive(ctx context.Context, tx Tx) error {
	if t.sharedBy {
		return tx.ForgiveFailure(ctx, t.name)
	}
	return tx.DeleteThrottle(ctx, t.name)
}

func forgiveAll(ctx context.Context, tx Tx, subjects []throttleSubject) error {
	for _, t := range subjects {
		if err := t.forgive(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}
