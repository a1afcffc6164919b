package workspace_test

import (
	"slices"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

func TestScopeCatalog(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	save := func(name, group string) error {
		return o.SaveScope(ctx, o.dana, workspace.NamedScope{Name: name, Group: group})
	}
	for _, err := range []error{save("write", "b"), save("read", "b"), save("deploy", "a"), save("read", "c")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	expectKind(t, "a scope of Keylodge's own", save("keys:read", ""), workspace.Invalid)
	template := workspace.ScopeTemplate{Name: "CI", Scopes: []string{"deploy", "read"}}
	if err := o.SaveScopeTemplate(ctx, o.dana, template); err != nil {
		t.Fatal(err)
	}
	template.Scopes = []string{"unknown"}
	expectKind(t, "a template with an unknown scope", o.SaveScopeTemplate(ctx, o.dana, template), workspace.Invalid)
	template.Scopes = nil
	expectKind(t, "a template without scopes", o.SaveScopeTemplate(ctx, o.dana, template), workspace.Invalid)

	c, err := o.ScopeCatalog(ctx, o.dana)
	var names []string
	for _, s := range c.Scopes {
		names = append(names, s.Name)
	}
	if err != nil || !slices.Equal(names, []string{"deploy", "write", "read"}) {
		t.Errorf("the scopes are %q, %v", names, err)
	}
	if all, message := c.Expand([]string{"write"}, []string{"CI"}); message != "" ||
		!slices.Equal(all, []string{"write", "deploy", "read"}) {
		t.Errorf("the template expands to %q, %q", all, message)
	}
	if _, message := c.Expand(nil, []string{"gone"}); message == "" {
		t.Error("a template that does not exist expands")
	}
	_, _, err = o.AddKey(ctx, o.dana, workspace.NewKey{Access: "restricted", Scopes: []string{"unknown"}, Nonce: "1"})
	expectKind(t, "a key with an unknown scope", err, workspace.Invalid)

	for _, err := range []error{
		o.RemoveScope(ctx, o.dana, "read"), o.RemoveScope(ctx, o.dana, "deploy"), // the template loses both
		o.RemoveScope(ctx, o.dana, "deploy"), o.RemoveScopeTemplate(ctx, o.dana, "CI"), // both are gone already
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if c, err = o.ScopeCatalog(ctx, o.dana); err != nil || len(c.Scopes) != 1 || len(c.Templates) != 0 {
		t.Errorf("the catalog is %+v, %v", c, err)
	}
	if n := o.count(workspace.ActionScopeRemoved); n != 2 {
		t.Errorf("%d events of removed scopes", n)
	}
	if n := o.count(workspace.ActionScopeTemplateRemoved); n != 0 {
		t.Errorf("%d events of removed templates", n)
	}
}
