package workspace_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// A running rotation is named with its end, so that people know what to wait
// for.
func TestRotatingTwice(t *testing.T) {
	o := newOffice(t)
	key := o.addKey(o.dana)
	rotate := workspace.KeyRotation{KeyID: key.ID, Overlap: "24h"}
	if _, _, err := o.RotateKey(t.Context(), o.dana, rotate); err != nil {
		t.Fatal(err)
	}
	_, _, err := o.RotateKey(t.Context(), o.dana, rotate)
	expectKind(t, "during a rotation", err, workspace.Conflict)
	refusal, _ := errors.AsType[*workspace.Error](err)
	if refusal.Title == "" || !strings.Contains(refusal.Message, "24 November 2026 at 09:00 UTC") {
		t.Errorf("the refusal is %+v", refusal)
	}
	o.clock = o.clock.Add(24 * time.Hour)
	o.dana.ProvenAt = o.clock
	if _, _, err := o.RotateKey(t.Context(), o.dana, rotate); err != nil {
		t.Errorf("once it has ended: %v", err)
	}
}

// A form that is sent twice rotates once.
func TestRotatingFromAnOldSecret(t *testing.T) {
	o := newOffice(t)
	key, first := o.addKey(o.dana), 0
	rotate := workspace.KeyRotation{KeyID: key.ID, Overlap: "0", From: &first}
	if _, _, err := o.RotateKey(t.Context(), o.dana, rotate); err != nil {
		t.Fatal(err)
	}
	_, _, err := o.RotateKey(t.Context(), o.dana, rotate)
	expectKind(t, "the same form again", err, workspace.Conflict)
}

// A disabled key gets its new secret, and stays disabled: whoever disabled it
// decides when it works again.
func TestRotatingADisabledKey(t *testing.T) {
	o := newOffice(t)
	mei, sam := o.hire("mei@acme.example", workspace.RoleAdmin), o.hire("sam@acme.example", workspace.RoleDeveloper)
	key := o.addKey(sam)
	if _, err := o.DisableKey(t.Context(), mei, key.ID); err != nil {
		t.Fatal(err)
	}
	after, secret, err := o.RotateKey(t.Context(), sam, workspace.KeyRotation{KeyID: key.ID, Overlap: "1h"})
	if err != nil {
		t.Fatal(err)
	}
	if after.DisabledAt.IsZero() || after.DisabledBy != mei.UserID || after.Digest != secret.Digest() {
		t.Errorf("the key is %+v", after)
	}
	_, err = o.EnableKey(t.Context(), sam, key.ID)
	expectKind(t, "its owner enables it", err, workspace.Forbidden)
}
