package templates

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/keylodge/keylodge/internal/workspace"
)

// option is a value that people choose, and its name.
type option struct{ Value, Name string }

// options returns the choices of the domain as options of a form.
func options(choices []workspace.Choice) (all []option) {
	for _, c := range choices {
		all = append(all, option(c))
	}
	return all
}

// input is one field of a form.
type input struct {
	Name, Label, Type string // Type is that of the input, "list" for several values, or "select" for one of Values
	Value             string
	Values            []option // each with what it is called
	Hint              string
	Suffix            string // what follows the value, as the rest of an address
	Autocomplete      string
	Optional          bool
	Plain             bool // an address or the like: no capitals, no spelling
	Focus             bool
	Error             string
}

// describedBy names the elements that say more about the field: what follows
// it, and what is wrong or else the hint.
func (f input) describedBy() string {
	var ids []string
	if f.Suffix != "" {
		ids = append(ids, f.Name+"-suffix")
	}
	switch {
	case f.Error != "":
		ids = append(ids, f.Name+"-error")
	case f.Hint != "":
		ids = append(ids, f.Name+"-hint")
	}
	return strings.Join(ids, " ")
}

// state is what assistive technology is told of the field, and whether to begin
// at it.
func (f input) state() templ.Attributes {
	state := templ.Attributes{"autofocus": f.Focus}
	if ids := f.describedBy(); ids != "" {
		state["aria-describedby"] = ids
	}
	if f.Error != "" {
		state["aria-invalid"] = "true"
	}
	return state
}

// choices is a field that takes one of several values, each with what it is
// called.
type choices struct {
	Name, Legend string
	Chosen       string
	Values       []option
	Focus        bool
	Error        string
}

// long says whether a value wants more room.
func (c choices) long() bool {
	return slices.ContainsFunc(c.Values, func(v option) bool {
		return len(v.Name) > 10 &&
			!strings.Contains(v.Name, " ")
	})
}

// focusOn returns the field to begin at: the first that is wrong, or else the
// first.
func focusOn(errors workspace.Fields, fields ...string) string {
	if i := slices.IndexFunc(fields, func(name string) bool { return errors[name] != "" }); i >= 0 {
		return fields[i]
	}
	return fields[0]
}

// besides returns, in the order of their names, the messages that belong to
// none of the fields.
func besides(errors workspace.Fields, fields ...string) []string {
	var names, messages []string
	for name := range errors {
		if !slices.Contains(fields, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		messages = append(messages, errors[name])
	}
	return messages
}
