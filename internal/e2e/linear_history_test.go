package e2e

import (
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// history is what clients requested and received, with the times of one clock.
type history struct {
	start time.Time
	roles []string // each owner's role at the start

	mu         sync.Mutex
	operations [][]porcupine.Operation // by owner
	faults     []porcupine.Annotation
}

// newHistory returns a history for owners who are active members with these
// roles and have no keys.
func newHistory(roles ...string) *history {
	return &history{start: time.Now(), roles: roles, operations: make([][]porcupine.Operation, len(roles))}
}

// now returns nanoseconds on the monotonic clock.
func (h *history) now() int64 { return int64(time.Since(h.start)) }

// forever is the end of an operation whose response never came.
const forever = math.MaxInt64

// note records what a client requested at call and received now.
func (h *history) note(client int, call int64, in operation, out outcome) {
	now := h.now()
	if out.lost {
		now = forever
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.operations[in.owner] = append(h.operations[in.owner],
		porcupine.Operation{ClientId: client, Input: in, Call: call, Output: out, Return: now})
}

// done returns the number of acknowledged operations by action, and the number
// of verifications that succeeded.
func (h *history) done() (done map[action]int, yes int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	done = map[action]int{}
	for _, operations := range h.operations {
		for _, o := range operations {
			out := o.Output.(outcome)
			if out.lost {
				continue
			}
			done[o.Input.(operation).action]++
			if out.yes {
				yes++
			}
		}
	}
	return done, yes
}

// noteFault marks the time of a fault, for a reader of a rejected history.
func (h *history) noteFault(what string, from int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faults = append(h.faults, porcupine.Annotation{Tag: "faults", Start: from, End: h.now(), Description: what})
}

// judge reports whether some order of the operations explains every response,
// and if not, for which owner none does. An unknown verdict is a rejection too.
func (h *history) judge() (porcupine.CheckResult, int) {
	for owner, operations := range h.operations {
		if r := porcupine.CheckOperationsTimeout(modelFrom(h.roles[owner]), operations, timeout); r != porcupine.Ok {
			return r, owner
		}
	}
	return porcupine.Ok, 0
}

// mustBeLinearizable fails the test when the history is rejected, and saves a
// picture of it.
func (h *history) mustBeLinearizable(t *testing.T) {
	t.Helper()
	began := time.Now()
	verdict, owner := h.judge()
	t.Logf("the checker took %v", time.Since(began).Round(time.Millisecond))
	if verdict == porcupine.Ok {
		return
	}
	operations, model := h.operations[owner], modelFrom(h.roles[owner])
	_, info := porcupine.CheckOperationsVerbose(model, operations, timeout)
	info.AddAnnotations(h.faults)
	picture, err := os.CreateTemp("", "keylodge-history-*.html")
	if err != nil {
		t.Fatal(err)
	}
	defer picture.Close()
	if err := porcupine.Visualize(model, info, picture); err != nil {
		t.Error(err)
	}
	t.Errorf("%s: no order explains what owner %d's keys were answered; see %s\n%s", verdict, owner, picture.Name(),
		offence(operations, info))
}

// offence describes the first operation that the longest explanation can't
// include, and earlier operations on the same key or its owner.
func offence(operations []porcupine.Operation, info porcupine.LinearizationInfo) string {
	var longest []int
	for _, explained := range info.PartialLinearizations()[0] {
		if len(explained) > len(longest) {
			longest = explained
		}
	}
	taken := map[int]bool{}
	for _, id := range longest {
		taken[id] = true
	}
	first := -1
	for id, o := range operations {
		if !taken[id] && (first < 0 || o.Return < operations[first].Return) {
			first = id
		}
	}
	if first < 0 {
		return "every operation is explained alone, but not in the time allowed"
	}
	return fmt.Sprintf("%safter\n%s", line(operations[first]), before(operations, operations[first]))
}

// before describes the writes that began before an operation ended and that
// could affect it.
func before(operations []porcupine.Operation, last porcupine.Operation) string {
	var text strings.Builder
	for _, o := range operations {
		in := o.Input.(operation)
		matters := in.aboutOwner() || in.key == last.Input.(operation).key
		if o.Call <= last.Return && matters && in.action != checks {
			text.WriteString(line(o))
		}
	}
	return text.String()
}

func line(o porcupine.Operation) string {
	end := "…"
	if o.Return != forever {
		end = time.Duration(o.Return).String()
	}
	return fmt.Sprintf("  %v to %s, client %d: %s\n", time.Duration(o.Call), end, o.ClientId,
		describe(o.Input.(operation), o.Output.(outcome)))
}
