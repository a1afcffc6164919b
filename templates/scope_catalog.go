package templates

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// ScopeCatalogView shows the scopes and templates of a workspace.
type ScopeCatalogView struct {
	Layout
	Notice         string
	Catalog        workspace.ScopeCatalog
	Scope          workspace.NamedScope // as typed
	Template       string               // as typed
	TemplateScopes string               // as typed
	Errors         workspace.Fields     // by name, description, group, template and scopes
}

// scopeBox is a checkbox.
type scopeBox struct {
	Name, About string
	Ticked      bool
}

// scopeGroup is checkboxes under a heading.
type scopeGroup struct {
	Name  string
	Boxes []scopeBox
}

// scopeGroups returns the scopes that can be ticked: those of the catalog,
// Keylodge's own that the viewer may give, and those that the key has although
// neither has them.
func (f KeyForm) scopeGroups() []scopeGroup {
	chosen := strings.Fields(f.Scope)
	var groups []scopeGroup
	offer := func(group string, scope workspace.NamedScope) {
		at := slices.IndexFunc(groups, func(g scopeGroup) bool { return g.Name == group })
		if at < 0 {
			at, groups = len(groups), append(groups, scopeGroup{Name: group})
		}
		groups[at].Boxes = append(groups[at].Boxes, scopeBox{
			scope.Name, scope.Description, slices.Contains(chosen, scope.Name),
		})
		chosen = slices.DeleteFunc(chosen, func(c string) bool { return c == scope.Name })
	}
	for _, scope := range f.Catalog.Scopes {
		offer(groupName(scope.Group), scope)
	}
	for _, own := range workspace.OwnScopes {
		if f.Viewer.Role.May(own.Permission) || slices.Contains(chosen, own.Name) {
			offer("Keylodge’s own", own.NamedScope)
		}
	}
	if len(f.Catalog.Scopes) > 0 {
		for _, name := range slices.Clone(chosen) {
			offer("Not in the catalogue any more", workspace.NamedScope{Name: name})
		}
	}
	return groups
}

// typedScopes returns the scopes that are typed: without a catalog, all but
// Keylodge's own.
func (f KeyForm) typedScopes() string {
	own := func(name string) bool {
		return slices.ContainsFunc(workspace.OwnScopes, func(o workspace.OwnScope) bool { return o.Name == name })
	}
	names := strings.Fields(f.Scope)
	if !slices.ContainsFunc(names, own) {
		return f.Scope // as typed
	}
	return strings.Join(slices.DeleteFunc(names, own), " ")
}

// templateBoxes returns the templates that can be ticked.
func (f KeyForm) templateBoxes() (boxes []scopeBox) {
	for _, t := range f.Catalog.Templates {
		boxes = append(boxes, scopeBox{t.Name, strings.Join(t.Scopes, ", "), slices.Contains(f.Templates, t.Name)})
	}
	return boxes
}

// wrong reports whether one of some fields has an error.
func (v ScopeCatalogView) wrong(fields ...string) bool {
	return slices.ContainsFunc(fields, func(f string) bool { return v.Errors[f] != "" })
}

func editScopeURL(name string) templ.SafeURL {
	return templ.SafeURL(paths.Scopes + "?edit=" + url.QueryEscape(name) + "#scope-form")
}

// aboutID returns the id of the description of a checkbox.
func aboutID(name, legend string, i int) string {
	return fmt.Sprintf("about-%s-%x-%d", name, legend, i)
}

func groupName(group string) string {
	if group == "" {
		return "Scopes"
	}
	return group
}
