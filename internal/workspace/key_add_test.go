package workspace_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

func TestWhoMayDoWhatWithKeys(t *testing.T) {
	o := newOffice(t)
	danas := o.addKey(o.dana)
	for i, tt := range []struct {
		role                    workspace.Role
		add, seeOther, killsOne workspace.Kind
	}{
		{workspace.RoleOwner, 0, 0, 0},
		{workspace.RoleAdmin, 0, 0, 0},
		{workspace.RoleDeveloper, 0, workspace.NotFound, workspace.NotFound},
		{workspace.RoleAuditor, workspace.Forbidden, 0, workspace.Forbidden},
		{workspace.RoleMember, workspace.Forbidden, workspace.Forbidden, workspace.Forbidden},
	} {
		t.Run(string(tt.role), func(t *testing.T) {
			who := o.hire(string(tt.role)+"@acme.example", tt.role)
			_, _, err := o.AddKey(t.Context(), who, workspace.NewKey{Nonce: "n"})
			expectKind(t, "adding", err, tt.add)
			_, err = o.Key(t.Context(), who, danas.ID)
			expectKind(t, "seeing another's key", err, tt.seeOther)
			_, err = o.RevokeKey(t.Context(), who, o.addKey(o.dana).ID, workspace.ReasonNone)
			expectKind(t, "revoking another's key", err, tt.killsOne)
			if tt.add == 0 {
				_, err = o.RevokeKey(t.Context(), who, o.addKey(who).ID, workspace.ReasonNone)
				expectKind(t, "revoking one's own key", err, 0)
			}
			if list, err := o.Keys(t.Context(), who, workspace.KeyActive, workspace.KeyCursor{}); err == nil &&
				list.OnlyOwn {
				for _, k := range list.Page.Keys {
					if k.OwnerID != who.UserID {
						t.Errorf("case %d: sees %s of %s", i, k.ID, k.OwnerID)
					}
				}
			}
		})
	}
}

func TestAccessIsWhatTheScopesSay(t *testing.T) {
	o := newOffice(t)
	keySecret := secret.New("kl").Reveal()
	for i, tt := range []struct {
		access, scopes string
		restricted     bool
		wrong          string // the field
	}{
		{"", "", false, ""},
		{"", "a", true, ""},
		{"full", "", false, ""},
		{"full", "a", false, "scope"},
		{"restricted", "", false, "scope"},
		{"restricted", "a b", true, ""},
		{"restricted", keySecret, false, "scope"},
		{"some", "a", false, "access"},
	} {
		wanted := workspace.NewKey{Nonce: fmt.Sprint(i), Access: tt.access, Scopes: strings.Fields(tt.scopes)}
		key, _, err := o.AddKey(t.Context(), o.dana, wanted)
		failed, _ := errors.AsType[*workspace.Error](err)
		switch {
		case (failed != nil) != (tt.wrong != "") || failed != nil && failed.Fields[tt.wrong] == "":
			t.Errorf("%q with the scopes %q: %v", tt.access, tt.scopes, err)
		case err == nil && (key.Limits.Scopes != nil) != tt.restricted:
			t.Errorf("%q with the scopes %q: restricted to %v", tt.access, tt.scopes, key.Limits.Scopes)
		}
	}
}

func TestTwoRevokeTheSameKey(t *testing.T) {
	o := newOffice(t)
	key := o.addKey(o.dana)
	people := []workspace.Actor{o.dana, o.hire("mei@acme.example", workspace.RoleAdmin)}
	seen := make([]workspace.ListedKey, 2)
	var both sync.WaitGroup
	for i, who := range people {
		both.Go(func() {
			var err error
			if seen[i], err = o.RevokeKey(t.Context(), who, key.ID, workspace.ReasonNone); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if seen[0].RevokedBy == "" || seen[0].RevokedBy != seen[1].RevokedBy || seen[0].RevokedAt != seen[1].RevokedAt {
		t.Errorf("they see it revoked by %q and by %q", seen[0].RevokedBy, seen[1].RevokedBy)
	}
	if n := o.count(workspace.ActionKeyRevoked); n != 1 {
		t.Errorf("%d audit events, want 1", n)
	}
}

func TestSendingAFormTwiceMakesOneKey(t *testing.T) {
	o := newOffice(t)
	var made, again int
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			_, secret, err := o.AddKey(t.Context(), o.dana, workspace.NewKey{Name: "CI", Nonce: "the form's"})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil && secret.Reveal() != "":
				made++
			case workspace.KindOf(err) == workspace.Conflict && secret.Reveal() == "":
				again++
			default:
				t.Errorf("unexpected: %v", err)
			}
		})
	}
	all.Wait()
	if made != 1 || again != 9 || o.count(workspace.ActionKeyAdded) != 1 {
		t.Errorf("%d made, %d told so, %d audit events", made, again, o.count(workspace.ActionKeyAdded))
	}
	// Another person's form may have the same nonce.
	if _, _, err := o.AddKey(t.Context(), o.hire("mei@acme.example", workspace.RoleAdmin),
		workspace.NewKey{Nonce: "the form's"}); err != nil {
		t.Error(err)
	}
}
