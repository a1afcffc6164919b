package workspace

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Kind is the kind of an [Error]. One table in package httpguard maps kinds to
// HTTP statuses.
type Kind uint8

// The kinds of failure. The zero Kind is a fault of the server, not of the
// user.
const (
	Internal        Kind = iota // a fault of the program or its surroundings
	Invalid                     // input that can be corrected; Fields says where
	Unauthenticated             // not signed in, or wrong credentials
	Forbidden                   // known, but not allowed
	NotFound                    // does not exist, or belongs to another workspace: callers can't tell which
	Conflict                    // clashes with what already exists
	Gone                        // worked once and no longer does
	Throttled                   // too many attempts; see RetryAfter
	Unavailable                 // the database or an identity provider does not answer, or not in time
	Unproven                    // allowed after a step-up
)

// Error is a failure that a user is told about. Message is whole sentences:
// what happened and what to do next. It never holds a secret, a password or a
// token.
type Error struct {
	Kind       Kind
	Title      string // a heading of its own; empty: that of the kind
	Message    string
	Fields     Fields        // for Invalid: form field → what is wrong with it
	RetryAfter time.Duration // for Throttled and Unavailable
	Cause      error         // for the log; people never see it
}

// Fields maps a form field's name to a message for the person who filled it in.
type Fields map[string]string

// Error returns the message, the fields in alphabetical order, and the cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		fmt.Fprintf(&b, " %s: %s", name, e.Fields[name])
	}
	if e.Cause != nil {
		fmt.Fprintf(&b, " (%v)", e.Cause)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// KindOf returns the kind of the first [Error] in err's chain, and Internal
// when there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// whenNotFound returns instead in place of an error of kind NotFound, and any
// other as it is.
func whenNotFound(err, instead error) error {
	if KindOf(err) == NotFound {
		return instead
	}
	return err
}

// ErrNotFound is returned by the store for a row that does not exist, and by
// the service also for one that the actor may not know of.
var ErrNotFound = &Error{Kind: NotFound, Message: "There is nothing here, or it is not yours to see."}

// ErrRole is the error for an action that the role of the actor does not allow.
var ErrRole = &Error{Kind: Forbidden, Message: "Your role does not allow this. Ask an admin of the workspace."}

// invalid collects the fields that are wrong; err returns nil when there are
// none.
type invalid Fields

func (f invalid) add(field, message string) {
	if message != "" {
		f[field] = message
	}
}

func (f invalid) err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Message: "Some of this needs another look.", Fields: Fields(f)}
}
