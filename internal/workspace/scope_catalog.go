package workspace

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// ScopeCatalog is the scopes that keys of a workspace can have, besides
// Keylodge's own. While it is empty, keys can have any scope.
type ScopeCatalog struct {
	Scopes    []NamedScope    `json:"scopes,omitempty"`    // by group, then by name
	Templates []ScopeTemplate `json:"templates,omitempty"` // by name
}

// NamedScope is a scope, and what it is for.
type NamedScope struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"` // up to MaxName characters
	Group       string `json:"group,omitempty"`       // up to MaxName characters
}

// ScopeTemplate is a named set of scopes, such as "CI".
type ScopeTemplate struct {
	Name   string   `json:"name"`
	Scopes []string `json:"scopes"` // sorted, each once
}

const (
	maxCatalog   = 200
	maxTemplates = 20
)

// ScopeCatalog returns the catalog of the actor's workspace.
func (s *Service) ScopeCatalog(ctx context.Context, actor Actor) (ScopeCatalog, error) {
	if _, err := authorize(ctx, s.store, actor, PermitSeeOwnKeys); err != nil {
		return ScopeCatalog{}, err
	}
	return s.store.ScopeCatalog(ctx, actor.WorkspaceID)
}

// SaveScope adds a scope to the catalog, or replaces the one with its name.
func (s *Service) SaveScope(ctx context.Context, actor Actor, scope NamedScope) error {
	return s.changeCatalog(ctx, actor, func(c *ScopeCatalog, a *act) error {
		if err := scope.check(); err != nil {
			return err
		}
		a.record(ActionScopeSaved, actor.WorkspaceID,
			map[string]string{"scope": scope.Name, "description": scope.Description, "group": scope.Group})
		c.Scopes = append(slices.DeleteFunc(c.Scopes, func(o NamedScope) bool { return o.Name == scope.Name }), scope)
		if len(c.Scopes) > maxCatalog {
			return invalid{"name": fmt.Sprintf("There are %d scopes already. Remove one first.", maxCatalog)}.err()
		}
		slices.SortFunc(c.Scopes, func(a, b NamedScope) int {
			return cmp.Or(strings.Compare(a.Group, b.Group), strings.Compare(a.Name, b.Name))
		})
		return nil
	})
}

// check cleans the fields and returns what is wrong with them.
func (s *NamedScope) check() error {
	wrong := invalid{}
	_, message := ParseScopes([]string{s.Name})
	if _, own := ownScopes[s.Name]; own {
		message = "This is Keylodge’s own scope, and always there."
	}
	wrong.add("name", message)
	s.Description, message = cleanName(s.Description)
	wrong.add("description", message)
	s.Group, message = cleanName(s.Group)
	wrong.add("group", message)
	return wrong.err()
}

// RemoveScope removes a scope from the catalog and its templates. Keys that
// have it keep it.
func (s *Service) RemoveScope(ctx context.Context, actor Actor, name string) error {
	return s.changeCatalog(ctx, actor, func(c *ScopeCatalog, a *act) error {
		a.record(ActionScopeRemoved, actor.WorkspaceID, map[string]string{"scope": name})
		before := len(c.Scopes)
		c.Scopes = slices.DeleteFunc(c.Scopes, func(s NamedScope) bool { return s.Name == name })
		for i, t := range c.Templates {
			c.Templates[i].Scopes = slices.DeleteFunc(t.Scopes, func(s string) bool { return s == name })
		}
		c.Templates = slices.DeleteFunc(c.Templates, func(t ScopeTemplate) bool { return len(t.Scopes) == 0 })
		return errUnlessChanged(len(c.Scopes) < before, nil)
	})
}

// SaveScopeTemplate adds a template to the catalog, or replaces the one with
// its name.
func (s *Service) SaveScopeTemplate(ctx context.Context, actor Actor, t ScopeTemplate) error {
	return s.changeCatalog(ctx, actor, func(c *ScopeCatalog, a *act) error {
		if err := t.check(*c); err != nil {
			return err
		}
		a.record(ActionScopeTemplateSaved, actor.WorkspaceID,
			map[string]string{"template": t.Name, "scopes": strings.Join(t.Scopes, " ")})
		c.Templates = append(slices.DeleteFunc(c.Templates, func(o ScopeTemplate) bool { return o.Name == t.Name }), t)
		if len(c.Templates) > maxTemplates {
			return invalid{
				"template": fmt.Sprintf("There are %d templates already. Remove one first.", maxTemplates),
			}.err()
		}
		slices.SortFunc(c.Templates, func(a, b ScopeTemplate) int { return strings.Compare(a.Name, b.Name) })
		return nil
	})
}

// check cleans the fields and returns what is wrong with them.
func (t *ScopeTemplate) check(c ScopeCatalog) error {
	wrong := invalid{}
	var message string
	t.Name, message = cleanRequiredName(t.Name, "Give it a name, such as “read-only”.")
	wrong.add("template", message)
	t.Scopes, message = ParseScopes(t.Scopes)
	switch {
	case message != "":
	case len(t.Scopes) == 0:
		message = "Name the scopes that it gives."
	default:
		message = c.lacks(t.Scopes)
	}
	wrong.add("scopes", message)
	return wrong.err()
}

// RemoveScopeTemplate removes a template from the catalog. Keys that were added
// with it stay as they are.
func (s *Service) RemoveScopeTemplate(ctx context.Context, actor Actor, name string) error {
	return s.changeCatalog(ctx, actor, func(c *ScopeCatalog, a *act) error {
		a.record(ActionScopeTemplateRemoved, actor.WorkspaceID, map[string]string{"template": name})
		before := len(c.Templates)
		c.Templates = slices.DeleteFunc(c.Templates, func(t ScopeTemplate) bool { return t.Name == name })
		return errUnlessChanged(len(c.Templates) < before, nil)
	})
}

// changeCatalog runs one after another with everything that adds keys, so no
// key is added by a catalog that has changed since.
func (s *Service) changeCatalog(ctx context.Context, actor Actor, fn func(*ScopeCatalog, *act) error) error {
	return s.actOnKeys(ctx, actor, PermitManagePolicies, func(tx ChangeTx, a *act) error {
		c, err := tx.ScopeCatalog(ctx, actor.WorkspaceID)
		if err != nil {
			return err
		}
		if err := fn(&c, a); err != nil {
			return err
		}
		return tx.UpdateWorkspace(ctx, actor.WorkspaceID, WorkspaceUpdate{Scopes: &c})
	})
}

// Expand returns scopes together with those of templates. The message is empty
// when all of the templates exist.
func (c ScopeCatalog) Expand(scopes, templates []string) (all []string, message string) {
	all = slices.Clone(scopes)
	for _, name := range templates {
		i := slices.IndexFunc(c.Templates, func(t ScopeTemplate) bool { return t.Name == name })
		if i < 0 {
			return all, "A template that you chose was removed meanwhile. Choose again."
		}
		all = append(all, c.Templates[i].Scopes...)
	}
	return all, ""
}

// lacks returns a message about the first scope that is not in the catalog, or
// "".
func (c ScopeCatalog) lacks(scopes []string) (message string) {
	for _, scope := range scopes {
		_, own := ownScopes[scope]
		known := slices.ContainsFunc(c.Scopes, func(s NamedScope) bool { return s.Name == scope })
		if !own && !known && len(c.Scopes) > 0 {
			return "There is no scope “" + scope + "” here. An admin can add it under Workspace Settings → Scopes."
		}
	}
	return ""
}

// checkScopes returns what is wrong with the scopes that a key gets beyond
// those it had before: a scope that is not in the catalog, or one of Keylodge's
// own that the key's owner or the actor may not use.
func (s *Service) checkScopes(ctx context.Context, r Reader, who authority, k Key, before []string) error {
	added := slices.DeleteFunc(slices.Clone(k.Limits.Scopes),
		func(scope string) bool { return slices.Contains(before, scope) })
	if len(added) == 0 {
		return nil
	}
	owner, err := r.Member(ctx, k.WorkspaceID, k.OwnerID)
	if err != nil {
		return err
	}
	for _, scope := range added {
		if permission, own := ownScopes[scope]; own && !(owner.Role.May(permission) && who.may(permission)) {
			return invalid{"scope": "“" + scope + "” can’t be given: the role of the key’s owner does not let them do" +
				" that."}.err()
		}
	}
	c, err := r.ScopeCatalog(ctx, k.WorkspaceID)
	if err != nil {
		return err
	}
	if message := c.lacks(added); message != "" {
		return invalid{"scope": message}.err()
	}
	return nil
}
