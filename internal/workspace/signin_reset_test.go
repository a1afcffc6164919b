package workspace_test

import (
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

func TestResetLink(t *testing.T) {
	o := newOffice(t)
	first, err := o.NewResetLink(t.Context(), "Dana@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	second, err := o.NewResetLink(t.Context(), "dana@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	const fresh = "a wholly new passphrase"
	expectKind(t, "a replaced link", o.ResetPassword(t.Context(), workspace.Actor{}, first, fresh), workspace.Gone)
	expectKind(t, "a bad password", o.ResetPassword(t.Context(), workspace.Actor{}, second, "short"), workspace.Invalid)
	o.clock = o.clock.Add(workspace.ResetLinkLifetime)
	expectKind(t, "a day later", o.ResetPassword(t.Context(), workspace.Actor{}, second, fresh), workspace.Gone)
	o.clock = o.clock.Add(-time.Second)
	expectKind(t, "in time", o.ResetPassword(t.Context(), workspace.Actor{}, second, fresh), workspace.Internal)
	expectKind(t, "used twice", o.ResetPassword(t.Context(), workspace.Actor{}, second, fresh), workspace.Gone)
	_, err = o.signIn("192.0.2.1", "dana@acme.example", password, "")
	expectKind(t, "the old password", err, workspace.Unauthenticated)
	_, err = o.signIn("192.0.2.1", "dana@acme.example", fresh, "")
	expectKind(t, "the new password", err, workspace.Internal)
}
