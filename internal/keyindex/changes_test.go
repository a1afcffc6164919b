package keyindex_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// held is a secret that somebody has been given, and what its key may do at
// most, as the acts that succeeded have left it.
type held struct {
	secret secret.Secret
	key    *heldKey
	ends   time.Time // of an old secret; zero: it has no end of its own
	ended  bool      // by an act, which no clock takes back
}

type heldKey struct {
	id       string
	scopes   []string // nil: full access
	expires  time.Time
	revoked  bool
	disabled bool
	present  *held
	old      *held
}

// workload is a workspace in which members do things at random, and a model of
// what their keys may do. The model knows nothing of how it is done.
type workload struct {
	*clocked
	random  *rand.Rand
	people  []workspace.Actor
	roles   map[string]workspace.Role
	owners  map[*heldKey]string
	keys    []*heldKey
	secrets []*held
}

var (
	someScopes = []string{"a", "b", "c", workspace.VerifyScope}
	someRoles  = []workspace.Role{
		workspace.RoleAdmin,
		workspace.RoleDeveloper,
		workspace.RoleAuditor,
		workspace.RoleMember,
	}
)

func (a *workload) one(n int) bool { return a.random.IntN(n) == 0 }

func (a *workload) anyScopes() (access string, scopes []string) {
	for _, s := range someScopes {
		if a.one(2) {
			scopes = append(scopes, s)
		}
	}
	if len(scopes) == 0 {
		return "full", nil
	}
	return "restricted", scopes
}

// add makes a key for whoever it is, within a policy that lets nothing live
// longer than 30 days.
func (a *workload) add(who workspace.Actor) {
	access, scopes := a.anyScopes()
	expires := []string{"never", "10d", "30d", "31d"}[a.random.IntN(4)]
	key, keySecret, err := a.service.AddKey(
		a.Context(),
		who,
		workspace.NewKey{Access: access, Scopes: scopes, Expires: expires, Nonce: secret.NewToken()},
	)
	if err != nil {
		return
	}
	if key.ExpiresAt.IsZero() || key.ExpiresAt.After(a.now.AddDate(0, 0, 30)) {
		a.Fatalf("a key that expires %q was made against the policy", expires)
	}
	k := &heldKey{id: key.ID, scopes: scopes, expires: key.ExpiresAt}
	k.present = &held{secret: keySecret, key: k}
	a.keys, a.secrets, a.owners[k] = append(a.keys, k), append(a.secrets, k.present), who.UserID
}

// change does something to a key.
func (a *workload) change(who workspace.Actor, k *heldKey) {
	ctx := a.Context()
	switch a.random.IntN(7) {
	case 0:
		if _, err := a.service.RevokeKey(ctx, who, k.id, workspace.ReasonNotNeeded); err == nil {
			k.revoked = true
		}
	case 1:
		if err := a.service.RestoreKey(ctx, who, k.id); err == nil {
			k.revoked = false
		}
	case 2:
		if _, err := a.service.DisableKey(ctx, who, k.id); err == nil && !k.revoked {
			k.disabled = true
		}
	case 3:
		if _, err := a.service.EnableKey(ctx, who, k.id); err == nil && !k.revoked {
			k.disabled = false
		}
	case 4:
		access, scopes := a.anyScopes()
		edit := workspace.KeyEdit{Access: access, Scopes: scopes, Expires: "20d"}
		if _, err := a.service.EditKey(ctx, who, k.id, edit); err == nil {
			k.scopes, k.expires = scopes, a.now.AddDate(0, 0, 20)
		}
	case 5:
		overlap := []string{"0", "1h", "24h", "7d"}[a.random.IntN(4)]
		rotation := workspace.KeyRotation{KeyID: k.id, Overlap: overlap}
		if _, secret, err := a.service.RotateKey(ctx, who, rotation); err == nil {
			if k.old != nil {
				k.old.ended = true
			}
			k.old, k.present = k.present, &held{secret: secret, key: k}
			k.old.ended = overlap == "0"
			k.old.ends = a.now.Add(
				map[string]time.Duration{"1h": time.Hour, "24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour}[overlap],
			)
			a.secrets = append(a.secrets, k.present)
		}
	case 6:
		if err := a.service.SetOverlap(ctx, who, k.id, "0"); err == nil {
			k.old.ends, k.old.ended = a.now, true
		}
	}
}

// may says what a secret may do at most: its key's scopes within what its owner
// may, while nothing has ended it.
func (a *workload) may(h *held, scope string) bool {
	k := h.key
	alive := !k.revoked && !k.disabled && a.now.Before(k.expires) && (h.ends.IsZero() || a.now.Before(h.ends))
	owner := scope != workspace.VerifyScope || a.roles[a.owners[k]].May(workspace.PermitVerifyKeys)
	return alive && owner && (k.scopes == nil || slices.Contains(k.scopes, scope))
}

// TestNoChangeWidensAKey does thousands of acts in no order, by people whose
// roles change, while time goes by: no key ever does more than its owner may,
// within its scopes and what the workspace lets keys be, nor less.
func TestNoChangeWidensAKey(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			a := &workload{
				clocked: installClocked(t),
				random:  rand.New(rand.NewPCG(seed, 1)),
				roles:   map[string]workspace.Role{},
				owners:  map[*heldKey]string{},
			}
			policy, err := workspace.KeyPolicyForm{MaxDays: "30"}.Parse()
			if err != nil {
				t.Fatal(err)
			}
			if err := a.service.SetKeyPolicy(t.Context(), a.acme, policy); err != nil {
				t.Fatal(err)
			}
			for i, role := range someRoles {
				m, err := a.service.AddMember(
					t.Context(),
					a.acme,
					"",
					fmt.Sprintf("person-%d@acme.example", i),
					"",
					role,
				)
				if err != nil {
					t.Fatal(err)
				}
				a.people, a.roles[m.UserID] = append(
					a.people,
					workspace.Actor{Kind: workspace.ActorPerson, WorkspaceID: m.WorkspaceID, UserID: m.UserID},
				), role
			}
			allowed := 0
			for range 400 {
				a.now = a.now.Add(time.Duration(a.random.IntN(120)) * time.Minute)
				n := a.random.IntN(len(a.people))
				who := a.people[n]
				who.ProvenAt = a.now
				switch {
				case a.one(12):
					role := someRoles[a.random.IntN(len(someRoles))]
					_, err := a.service.ChangeMemberByEmail(
						t.Context(),
						a.acme,
						fmt.Sprintf("person-%d@acme.example", n),
						func(m *workspace.Member) { m.Role = role },
					)
					if err != nil {
						t.Fatal(err)
					}
					a.roles[who.UserID] = role
				case len(a.keys) < 4 || a.one(6):
					a.add(who)
				default:
					a.change(who, a.keys[a.random.IntN(len(a.keys))])
				}
				for range 4 {
					if len(a.secrets) == 0 {
						break
					}
					h, scope := a.secrets[a.random.IntN(len(a.secrets))], someScopes[a.random.IntN(len(someScopes))]
					want := a.may(h, scope)
					got := a.check(h.secret, scope)
					if got != want {
						t.Fatalf("%s for %s: allowed is %v, want %v (%+v)", h.key.id, scope, got, want, *h.key)
					}
					if got {
						allowed++
					}
					if h.ended && a.checkAt(h.secret, scope, a.now.Add(-slow)) {
						t.Fatalf("a node with a slow clock lets an ended secret of %s through", h.key.id)
					}
				}
			}
			if allowed < 50 {
				t.Errorf("only %d checks were allowed: this proves little", allowed)
			}
		})
	}
}

func (a *workload) check(keySecret secret.Secret, scope string) bool {
	return a.checkAt(keySecret, scope, a.now)
}

func (a *workload) checkAt(keySecret secret.Secret, scope string, at time.Time) bool {
	view, err := a.index.Current(a.Context())
	if err != nil {
		a.Fatal(err)
	}
	return view.Verify(requestOf(keySecret, scope, at)).Decision == workspace.DecisionValid
}

func requestOf(keySecret secret.Secret, scope string, at time.Time) keyindex.Request {
	return keyindex.Request{
		Secret:  keySecret,
		Slug:    "acme",
		Attempt: workspace.Attempt{Now: at, IP: client, Scopes: []string{scope}},
	}
}
