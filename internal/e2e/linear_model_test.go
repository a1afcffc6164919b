package e2e

import (
	"fmt"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// action is the kind of an operation.
type action string

const (
	checks      action = "checks"      // at /verify
	issues      action = "issues"      // a new key, as the operator, so that the owner's permissions don't matter
	revokes     action = "revokes"     // for good
	disables    action = "disables"    // until it is enabled
	enables     action = "enables"     // does nothing to a revoked key
	deactivates action = "deactivates" // the owner, like the next two
	activates   action = "activates"
	changesRole action = "gives the role"
)

// operation is the input of one operation. Keys are numbered by owner.
type operation struct {
	action action
	owner  int
	key    int
	role   string // the new one
}

// aboutOwner reports whether the operation changes the owner, and so all of
// their keys.
func (a operation) aboutOwner() bool {
	return slices.Contains([]action{deactivates, activates, changesRole}, a.action)
}

// outcome is how an operation ended: for a verification its result, otherwise
// only that it is done.
type outcome struct {
	yes  bool
	role string // when yes
	lost bool   // no response: it may have taken effect at any time since, or not at all
}

// States of a key in the model.
const (
	absent   = '-'
	live     = 'l'
	disabled = 'd'
	revoked  = 'r'
)

// owned is the state that decides all verifications of one owner's keys.
// Nothing else affects them, so a history is right when it is right for each
// owner.
type owned struct {
	role     string
	inactive bool
	keys     string // what each of the owner's keys is
}

func (o owned) key(n int) byte {
	if n >= len(o.keys) {
		return absent
	}
	return o.keys[n]
}

// set returns o with a key in another state.
func (o owned) set(n int, is byte) owned {
	keys := []byte(o.keys)
	for n >= len(keys) {
		keys = append(keys, absent)
	}
	keys[n] = is
	o.keys = string(keys)
	return o
}

// change returns o with a key in the state to, if it was in one of the states
// from.
func (o owned) change(n int, from string, to byte) owned {
	if strings.IndexByte(from, o.key(n)) < 0 {
		return o
	}
	return o.set(n, to)
}

// step reports whether an operation may have this output in state o, and
// returns the state after it.
func step(o owned, in operation, out outcome) (bool, owned) {
	switch in.action {
	case checks:
		good := !o.inactive && o.key(in.key) == live
		return out.yes == good && (!good || out.role == o.role), o
	case issues:
		return true, o.set(in.key, live)
	case revokes:
		return true, o.change(in.key, string([]byte{live, disabled}), revoked)
	case disables:
		return true, o.change(in.key, string(live), disabled)
	case enables:
		return true, o.change(in.key, string(disabled), live)
	case deactivates:
		o.inactive = true
	case activates:
		o.inactive = false
	case changesRole:
		o.role = in.role
	}
	return true, o
}

// modelFrom returns the model of an owner who begins as an active member with a
// role and no keys.
func modelFrom(role string) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return owned{role: role} },
		Step: func(state, in, out any) (bool, any) {
			return step(state.(owned), in.(operation), out.(outcome))
		},
		DescribeOperation: func(in, out any) string { return describe(in.(operation), out.(outcome)) },
		DescribeState: func(state any) string {
			o := state.(owned)
			return fmt.Sprintf("%s, inactive: %t, keys: %s", o.role, o.inactive, o.keys)
		},
	}
}

func describe(in operation, out outcome) string {
	text := fmt.Sprintf("%s key %d", in.action, in.key)
	if in.aboutOwner() {
		text = strings.TrimSpace(fmt.Sprintf("%s %s", in.action, in.role))
	}
	switch {
	case out.lost:
		return text + ": no answer"
	case in.action != checks:
		return text
	case out.yes:
		return text + ": yes, of a " + out.role
	}
	return text + ": no"
}
