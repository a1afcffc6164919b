package workspace

import (
	"context"
	"encoding/hex"
	"net/netip"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// Throttle counts the wrong passwords, or the requested mails, of one subject:
// an account, an IP, a known device, a recipient.
type Throttle struct {
	Subject      string
	Failures     int
	LastFailed   time.Time
	BlockedUntil time.Time
}

// Limits on wrong passwords. Beyond the free tries each costs a wait that
// doubles.
const (
	freeTriesAccount = 5
	freeTriesClient  = 30
	firstWait        = time.Second
	longestWait      = 15 * time.Minute
	failureMemory    = 24 * time.Hour
)

// Limits on mail that one person makes Keylodge send to another.
const (
	freeMailsTo      = 3   // to one recipient
	freeMailsBy      = 10  // by one person, but for invitations
	freeInvitations  = 500 // by one person
	invitationMemory = time.Hour
	firstMailWait    = time.Minute
	longestMailWait  = 4 * time.Hour
)

// throttleSubject is what tries are counted against. Zero limits are those of
// wrong passwords.
type throttleSubject struct {
	name      string
	freeTries int
	sharedBy  bool          // by many people, so that one's success wipes out that one try only
	first     time.Duration // the first wait
	longest   time.Duration // the longest wait
	memory    time.Duration // a count that is older starts again
}

// mailsTo limits the mails of a kind to one recipient.
func mailsTo(kind, email string) throttleSubject {
	digest := secret.DigestOf(email)
	return throttleSubject{
		name: kind + ":" + hex.EncodeToString(digest[:]), freeTries: freeMailsTo, first: firstMailWait,
		longest: longestMailWait,
	}
}

// ClientNetwork names what one client is assumed to hold: its IP, or the /64 of
// an IPv6 one.
func ClientNetwork(ip netip.Addr) string {
	ip = ip.Unmap()
	if !ip.Is6() {
		return ip.String()
	}
	p, _ := ip.Prefix(64)
	return p.String()
}

// countTry counts a try as wrong before it is known to be, in a transaction of
// its own: tries made in parallel can't outrun it, and nothing that fails later
// undoes it. A try that comes too soon is refused and not counted.
func (s *Service) countTry(ctx context.Context, subjects []throttleSubject) error {
	return s.count(ctx, subjects, "Too many wrong tries.")
}

// countMail is countTry for a mail that is about to be sent.
func (s *Service) countMail(ctx context.Context, subjects ...throttleSubject) error {
	return s.count(ctx, subjects, "Too many emails were requested.")
}

func (s *Service) count(ctx context.Context, subjects []throttleSubject, refusal string) error {
	now := s.clock()
	return s.sweep(ctx, func(tx Tx) error {
		for _, sub := range subjects {
			memory := sub.memory
			if memory == 0 {
				memory = failureMemory
			}
			// Counting locks the row, so the block it returns can't be one of a
			// moment ago.
			t, err := CountFailure(ctx, tx, sub.name, now, now.Add(-memory))
			if err != nil {
				return err
			}
			if wait := t.BlockedUntil.Sub(now); wait > 0 {
				return &Error{Kind: Throttled, Message: refusal, RetryAfter: wait}
			}
			if wait := sub.wait(t.Failures); wait > 0 {
				t.BlockedUntil = now.Add(wait)
				if err := tx.PutThrottle(ctx, t); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// CountFailure adds one failure to a subject and returns the new count. A count
// whose last failure was before since starts again.
func CountFailure(ctx context.Context, tx Tx, subject string, now, since time.Time) (Throttle, error) {
	t, err := tx.HoldThrottle(ctx, subject)
	if err != nil {
		return t, err
	}
	if t.LastFailed.Before(since) {
		t.Failures = 0
	}
	t.Failures++
	t.LastFailed = now
	return t, tx.PutThrottle(ctx, t)
}

// ForgiveFailure takes one failure of a subject back and ends its block.
func ForgiveFailure(ctx context.Context, tx Tx, subject string) error {
	t, err := tx.HoldThrottle(ctx, subject)
	if err != nil {
		return err
	}
	t.Failures = max(t.Failures-1, 0)
	t.BlockedUntil = time.Time{}
	return tx.PutThrottle(ctx, t)
}

// wait returns how long the next try must wait after this many failures.
func (t throttleSubject) wait(failures int) time.Duration {
	over := failures - t.freeTries
	if over < 0 {
		return 0
	}
	first, longest := t.first, t.longest
	if first == 0 {
		first, longest = firstWait, longestWait
	}
	return min(first<<min(over, 20), longest)
}

func (t throttleSubject) forgive(ctx context.Context, tx Tx) error {
	if t.sharedBy {
		return ForgiveFailure(ctx, tx, t.name)
	}
	return tx.PutThrottle(ctx, Throttle{Subject: t.name})
}

func forgiveAll(ctx context.Context, tx Tx, subjects []throttleSubject) error {
	for _, t := range subjects {
		if err := t.forgive(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) forgive(ctx context.Context, subjects []throttleSubject) error {
	return s.sweep(ctx, func(tx Tx) error {
		for _, sub := range subjects {
			if err := ForgiveFailure(ctx, tx, sub.name); err != nil {
				return err
			}
		}
		return nil
	})
}

// throttleSubjects: a browser that the person has signed in from before is
// counted by itself, so that nobody else can lock it out; any other by account
// and by IP.
func (s *Service) throttleSubjects(ctx context.Context, r SignInRequest, user User, email string) ([]throttleSubject,
	error) {
	known, err := s.knownDevice(ctx, s.store, user.ID, r.DeviceToken)
	if err != nil {
		return nil, err
	}
	if known {
		digest := secret.DigestOf(r.DeviceToken)
		return []throttleSubject{{name: "device:" + hex.EncodeToString(digest[:]), freeTries: freeTriesAccount}}, nil
	}
	ip, _ := netip.ParseAddr(r.Actor.IP)
	digest := secret.DigestOf(email) // of whatever was typed, which is not for keeping
	return []throttleSubject{
		{name: "account:" + hex.EncodeToString(digest[:]), freeTries: freeTriesAccount},
		{name: "address:" + ClientNetwork(ip), freeTries: freeTriesClient, sharedBy: true},
	}, nil
}
