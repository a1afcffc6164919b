package store

import (
	"fmt"
	"strings"
)

// conditions is a list of conditions that must all hold, with their arguments
// in the order of their placeholders.
type conditions struct {
	texts []string
	args  []any
}

// add adds a condition, in which each %d stands for the number of the next
// value's placeholder.
func (c *conditions) add(format string, values ...any) {
	numbers := make([]any, len(values))
	for i, value := range values {
		c.args = append(c.args, value)
		numbers[i] = len(c.args)
	}
	c.texts = append(c.texts, fmt.Sprintf(format, numbers...))
}

// place adds a value that is not in a condition and returns its placeholder.
func (c *conditions) place(value any) string {
	c.args = append(c.args, value)
	return fmt.Sprintf("$%d", len(c.args))
}

func (c *conditions) none() bool { return len(c.texts) == 0 }

// text returns the conditions for a WHERE clause, and TRUE when there are none.
func (c *conditions) text() string {
	if c.none() {
		return "TRUE"
	}
	return "(" + strings.Join(c.texts, ") AND (") + ")"
}

// assignments is the list of assignments of an UPDATE, with their arguments in
// the order of their placeholders.
type assignments struct {
	texts []string
	args  []any
}

// when adds assignments if the condition holds. Each %d in them stands for the
// number of the next value's placeholder.
func (a *assignments) when(condition bool, format string, values ...any) {
	if !condition {
		return
	}
	list := conditions{args: a.args}
	list.add(format, values...)
	a.texts, a.args = append(a.texts, list.texts...), list.args
}

// text returns the assignments for a SET clause.
func (a *assignments) text() string { return strings.Join(a.texts, ", ") }
