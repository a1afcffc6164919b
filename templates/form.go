package templates

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/keylodge/keylodge/internal/workspace"
)

// option is a value of a field and its name.
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
	Name, Label, Type string // Type: of the input, "list" for several values, or "select"
	Value             string
	Values            []option // of a select
	Hint              string
	Suffix            string // text after the value
	Autocomplete      string
	Optional          bool
	Plain             bool // no capitals and no spell checking
	Focus             bool
	Error             string
}

// describedBy returns the ids of the elements that describe the field: its
// suffix, and its error or else its hint.
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

// state returns the attributes that depend on errors and focus.
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

// choices is a field that takes one of several values.
type choices struct {
	Name, Legend string
	Chosen       string
	Values       []option
	Focus        bool
	Error        string
}

// long reports whether a value needs a line of its own.
func (c choices) long() bool {
	return slices.ContainsFunc(c.Values, func(v option) bool {
		return len(v.Name) > 10 &&
			!strings.Contains(v.Name, " ")
	})
}

// focusOn returns the field to focus: the first with an error, or else the
// first.
func focusOn(errors workspace.Fields, fields ...string) string {
	if i := slices.IndexFunc(fields, func(name string) bool { return errors[name] != "" }); i >= 0 {
		return fields[i]
	}
	return fields[0]
}

// otherErrors returns the errors that belong to none of the fields, sorted by
// name.
func otherErrors(errors workspace.Fields, fields ...string) []string {
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
