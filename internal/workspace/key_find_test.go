package workspace_test

import (
	"testing"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// A key is found by its id or its secret, by those who may see it.
func TestFindingAKey(t *testing.T) {
	o := newOffice(t)
	sam, tom := o.hire("sam@acme.example", workspace.RoleDeveloper), o.hire("tom@acme.example", workspace.RoleDeveloper)
	key, keySecret, err := o.AddKey(t.Context(), sam, workspace.NewKey{Name: "CI", Nonce: secret.NewToken()})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		who  workspace.Actor
		want workspace.Kind
	}{
		{"its owner", sam, workspace.Internal},
		{"the workspace's owner", o.dana, workspace.Internal},
		{"another developer", tom, workspace.NotFound},
	} {
		_, err := o.Key(t.Context(), c.who, key.ID)
		expectKind(t, c.name+", by id", err, c.want)
		_, err = o.KeyBySecret(t.Context(), c.who, keySecret)
		expectKind(t, c.name+", by secret", err, c.want)
		_, err = o.KeyDetails(t.Context(), c.who, key.ID)
		expectKind(t, c.name+", its page", err, c.want)
		_, err = o.KeyUsage(t.Context(), c.who, key.ID, o.clock)
		expectKind(t, c.name+", its usage", err, c.want)
	}
	_, err = o.KeyBySecret(t.Context(), o.dana, secret.New(secret.DefaultPrefix))
	expectKind(t, "another secret", err, workspace.NotFound)
	id, err := o.KeyIdentity(t.Context(), "acme", key.ID)
	if err != nil || id.Workspace.ID != o.acme.ID || id.Owner.UserID != sam.UserID || id.Key.ID != key.ID {
		t.Errorf("the key's identity is %+v, %v", id, err)
	}
	operator, err := o.OperatorAt(t.Context(), key.ID)
	if err != nil || operator.WorkspaceID != o.acme.ID {
		t.Errorf("the operator acts in %q, %v", operator.WorkspaceID, err)
	}
	added, _, err := o.AddKeyFor(t.Context(), operator, "tom@acme.example", workspace.NewKey{Name: "CI"})
	if err != nil || added.OwnerID != tom.UserID {
		t.Errorf("the operator's key is %+v, %v", added, err)
	}
	_, _, err = o.AddKeyFor(t.Context(), operator, "nobody@acme.example", workspace.NewKey{Name: "CI"})
	expectKind(t, "a key for a stranger", err, workspace.NotFound)
}
