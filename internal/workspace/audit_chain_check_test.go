package workspace

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// chain makes n events that follow from each other, and their head.
func chain(n int) ([]Event, ChainHead) {
	head := ChainHead{WorkspaceID: "ws_1"}
	var events []Event
	for i := range n {
		e := Event{ID: "evt_" + string(rune('a'+i)), Number: int64(i + 1), At: time.UnixMicro(int64(i)).UTC()}
		e.Hash = e.ChainHash(head.Hash)
		head.Number, head.Hash = e.Number, e.Hash
		events = append(events, e)
	}
	return events, head
}

// pruneNote is an event after the others, which tells that those up to a number
// were deleted.
func pruneNote(last, head Event) (Event, ChainHead) {
	p := PrunedEvents{Events: int(last.Number), At: last.At, Number: last.Number, Hash: last.Hash}
	e := Event{ID: "evt_note", Number: head.Number + 1, At: head.At, Action: ActionAuditLogPruned, Details: p.details()}
	e.Hash = e.ChainHash(head.Hash)
	return e, ChainHead{WorkspaceID: "ws_1", Number: e.Number, Hash: e.Hash}
}

func TestChainCheck(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func([]Event, *ChainHead) []Event
		want  string // what is reported; empty: the chain is whole
	}{
		{name: "whole"},
		{name: "an altered event", want: "event 3 (evt_c of 1970-01-01T00:00:00.000002Z) was altered or put there",
			spoil: func(events []Event, _ *ChainHead) []Event {
				events[2].TargetID = "key_other"
				return events
			}},
		{name: "a missing event", want: "number 3 is missing before event 4",
			spoil: func(events []Event, _ *ChainHead) []Event { return slices.Delete(events, 2, 3) }},
		{name: "several missing events", want: "numbers 2 to 3 are missing before event 4",
			spoil: func(events []Event, _ *ChainHead) []Event { return slices.Delete(events, 1, 3) }},
		{name: "a missing beginning", want: "and no event of the chain tells of their deletion",
			spoil: func(events []Event, _ *ChainHead) []Event { return events[2:] }},
		{name: "a missing end", want: "number 5 is missing at the end: the head is at 5.",
			spoil: func(events []Event, _ *ChainHead) []Event { return events[:4] }},
		{name: "a head that is behind", want: "it is at number 4, and the chain goes on to event 5",
			spoil: func(events []Event, head *ChainHead) []Event {
				head.Number, head.Hash = 4, events[3].Hash
				return events
			}},
		{name: "another head", want: "the head does not match: its hash is not that of event 5",
			spoil: func(events []Event, head *ChainHead) []Event {
				head.Hash = secret.DigestOf("another")
				return events
			}},
		{name: "a deleted beginning", spoil: func(events []Event, head *ChainHead) []Event {
			note, after := pruneNote(events[1], events[4])
			*head = after
			return append(events[2:], note)
		}},
		{name: "a deletion that was of less", want: "and no event of the chain tells of their deletion",
			spoil: func(events []Event, head *ChainHead) []Event {
				note, after := pruneNote(events[0], events[4])
				*head = after
				return append(events[2:], note)
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			events, head := chain(5)
			if c.spoil != nil {
				events = c.spoil(events, &head)
			}
			var found []string
			check := CheckChain(head, func(b Break) { found = append(found, b.String()) })
			for _, e := range events {
				check.Event(e)
			}
			end := check.End()
			if end.Events != int64(len(events)) || end.Number != head.Number {
				t.Errorf("the check ended at %+v", end)
			}
			if len(found) == 0 && c.want != "" || len(found) > 0 && (c.want == "" ||
				!strings.Contains(found[0], c.want)) {
				t.Errorf("reported %q, want %q", found, c.want)
			}
		})
	}
}

// Events that tell of a deletion are read back, and others are not.
func TestPrunedEvents(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	told := Event{Action: ActionAuditLogPruned,
		Details: PrunedEvents{Events: 7, At: at, Number: 12, Hash: secret.DigestOf("x")}.details()}
	number, hash, ok := told.Pruned()
	if !ok || number != 12 || hash != secret.DigestOf("x") {
		t.Errorf("read back as %d, %x, %v", number, hash, ok)
	}
	if events, until := told.PrunedEvents(); events != 7 || !until.Equal(at) {
		t.Errorf("%d events until %s", events, until)
	}
	for name, e := range map[string]Event{
		"another action": {Action: ActionKeyAdded, Details: told.Details},
		"no number":      {Action: ActionAuditLogPruned},
		"less than none": {Action: ActionAuditLogPruned, Details: map[string]string{prunedNumber: "-1"}},
		"no hash":        {Action: ActionAuditLogPruned, Details: map[string]string{prunedNumber: "3"}},
		"half a hash": {Action: ActionAuditLogPruned, Details: map[string]string{prunedNumber: "3",
			prunedHash: "abcd"}},
		"no hex": {Action: ActionAuditLogPruned, Details: map[string]string{prunedNumber: "3",
			prunedHash: "x"}},
	} {
		if _, _, ok := e.Pruned(); ok {
			t.Errorf("%s tells of a deletion", name)
		}
	}
}

func TestParseAuditDays(t *testing.T) {
	for text, want := range map[string]int{"": 0, "0": 0, "30": 30, "36500": 36500, "29": -1, "-1": -1, "36501": -1,
		"x": -1} {
		days, err := ParseAuditDays(text)
		if want < 0 && KindOf(err) != Invalid || want >= 0 && (err != nil || days != want) {
			t.Errorf("%q: %d, %v", text, days, err)
		}
	}
}
