package workspace

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// chainLabel begins all that is hashed for a chain, so that no hash of it is
// one of anything else, or of a later encoding.
const chainLabel = "keylodge audit event 1\n"

// ChainHash returns the hash of an event in its chain, given the hash of the
// event before it: zero for the first. It is the SHA-256 of
//
//	the text "keylodge audit event 1" and a line feed
//	the hash before (32 bytes)
//	Number, and At in microseconds since 1970 UTC (8 bytes each, signed)
//	ID, WorkspaceID, ActorKind, ActorID, Action, TargetID, IP, RequestID
//	how many Details there are (8 bytes)
//	the name and the value of each of them, in the order of the names' bytes
//
// where a text is its length in bytes (8 bytes) and its UTF-8, and all numbers
// begin with their highest byte. e.Hash is not part of it.
func (e Event) ChainHash(before secret.Digest) secret.Digest {
	b := make([]byte, 0, 1024)
	text := func(s string) {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = append(b, chainLabel...)
	b = append(b, before[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Number))
	b = binary.BigEndian.AppendUint64(b, uint64(e.At.UnixMicro()))
	for _, s := range []string{e.ID, e.WorkspaceID, string(e.ActorKind), e.ActorID, string(e.Action), e.TargetID,
		e.IP, e.RequestID} {
		text(s)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(len(e.Details)))
	for _, name := range slices.Sorted(maps.Keys(e.Details)) {
		text(name)
		text(e.Details[name])
	}
	return sha256.Sum256(b)
}

// Chained reports whether the event is in a chain. Events from before there
// were chains are not.
func (e Event) Chained() bool { return e.Number > 0 }

// HashText is the event's hash in hexadecimal digits, or "" when it is in no
// chain.
func (e Event) HashText() string {
	if !e.Chained() {
		return ""
	}
	return hex.EncodeToString(e.Hash[:])
}

// ChainHead is what the database keeps of a chain of audit events beside the
// events, and what a check has counted.
type ChainHead struct {
	WorkspaceID string // empty: the chain of events of no workspace
	Slug        string
	Number      int64 // of the newest event; 0: there is none
	Hash        secret.Digest
	Events      int64 // that are in the chain
	Unnumbered  int64 // that are from before there were chains
}

// Break is a place where a chain is not whole.
type Break struct {
	Chain ChainHead
	Kind  BreakKind
	From  int64 // the numbers that are missing, or else the number of Event
	To    int64
	Event Event // what is there, or the first after what is missing; zero at the end of the chain
}

// BreakKind says in which way a chain is not whole.
type BreakKind string

// The ways in which a chain is not whole.
const (
	BreakAltered BreakKind = "altered"
	BreakMissing BreakKind = "missing"
	BreakHead    BreakKind = "head"
)

// String says for people what is wrong where.
func (b Break) String() string {
	event := fmt.Sprintf("event %d (%s of %s)", b.Event.Number, b.Event.ID, b.Event.At.Format(time.RFC3339Nano))
	switch {
	case b.Kind == BreakAltered:
		return event + " was altered or put there: its hash does not follow from the one before it."
	case b.Kind == BreakHead && b.Event.Number > b.Chain.Number:
		return fmt.Sprintf("the head does not match: it is at number %d, and the chain goes on to %s.", b.Chain.Number,
			event)
	case b.Kind == BreakHead:
		return "the head does not match: its hash is not that of " + event + "."
	case b.From == 1 && b.Event.ID != "":
		return b.missing() + " before " + event + ", and no event of the chain tells of their deletion."
	case b.Event.ID != "":
		return b.missing() + " before " + event + "."
	}
	return fmt.Sprintf("%s at the end: the head is at %d.", b.missing(), b.Chain.Number)
}

func (b Break) missing() string {
	if b.From == b.To {
		return fmt.Sprintf("number %d is missing", b.From)
	}
	return fmt.Sprintf("numbers %d to %d are missing", b.From, b.To)
}

// ChainCheck checks one chain, whose events come one after another, in the
// order of their numbers.
type ChainCheck struct {
	head   ChainHead
	report func(Break)
	last   Event  // but for the zero one, what the next must follow
	first  *Event // what the chain begins with where numbers before it are gone, until an event has told why
}

// CheckChain begins to check a chain. report is called for each place where it
// is not whole.
func CheckChain(head ChainHead, report func(Break)) *ChainCheck {
	head.Events = 0
	return &ChainCheck{head: head, report: report}
}

// Event takes the next event.
func (c *ChainCheck) Event(e Event) {
	c.head.Events++
	whole := false
	switch {
	case c.last.Number == 0 && e.Number > 1:
		c.first = &e
	case e.Number != c.last.Number+1:
		c.broken(BreakMissing, c.last.Number+1, e.Number-1, e)
	default:
		whole = e.ChainHash(c.last.Hash) == e.Hash
		if !whole {
			c.broken(BreakAltered, e.Number, e.Number, e)
		}
	}
	if c.first != nil && (whole || e.Number == c.first.Number) && c.vouches(e) {
		c.first = nil
	}
	c.last = e
}

// vouches reports whether an event tells, with the right hash, that what was
// before the first event was deleted. The first event itself may: then its own
// hash follows from the one that it tells.
func (c *ChainCheck) vouches(e Event) bool {
	number, before, ok := e.Pruned()
	return ok && number == c.first.Number-1 && c.first.ChainHash(before) == c.first.Hash
}

// End returns the head, once all events were taken.
func (c *ChainCheck) End() ChainHead {
	if c.first != nil {
		c.broken(BreakMissing, 1, c.first.Number-1, *c.first)
	}
	switch last := c.last; {
	case last.Number < c.head.Number:
		c.broken(BreakMissing, last.Number+1, c.head.Number, Event{})
	case last.Number > c.head.Number || last.Hash != c.head.Hash:
		c.broken(BreakHead, last.Number, last.Number, last)
	}
	return c.head
}

func (c *ChainCheck) broken(kind BreakKind, from, to int64, e Event) {
	c.report(Break{Chain: c.head, Kind: kind, From: from, To: to, Event: e})
}
