package store_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/postgrestest"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// furnish makes an installation in which every table has rows.
func furnish(t *testing.T, s *store.Store) (*workspace.Service, workspace.Actor) {
	t.Helper()
	ctx := t.Context()
	service := workspace.NewService(s, workspace.Config{})
	w, _, err := service.CreateWorkspace(ctx,
		workspace.NewWorkspace{Name: "Acme 鍵 'x' %", Slug: "acme", OwnerEmail: "dana@acme.example"})
	if err != nil {
		t.Fatal(err)
	}
	operator := workspace.Operator
	operator.WorkspaceID = w.ID
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = service.AddMember(ctx, operator, "Ben", "ben@acme.example", "", workspace.RoleAuditor)
	must(err)
	_, err = service.ChangeMemberByEmail(ctx, operator, "ben@acme.example",
		func(m *workspace.Member) { m.Active = false })
	must(err)
	for i := range 300 {
		n := workspace.NewKey{Name: fmt.Sprintf("鍵 %d \\ \" 👩‍💻", i), Nonce: ""}
		if i%3 == 0 {
			n.Scopes, n.Networks, n.Rate, n.Expires = []string{"a", "b"}, []string{"192.0.2.0/24"}, "1/1h", "90d"
		}
		key, _, err := service.AddKeyFor(ctx, operator, "dana@acme.example", n)
		must(err)
		now := time.Now().UTC().Truncate(time.Microsecond)
		must(s.RecordUsage(ctx, workspace.UsageBatch{
			ID: workspace.NewBatchID(now), At: now,
			Uses: []workspace.KeyUse{{KeyID: key.ID, Use: workspace.Use{At: now, Agent: "curl"}}},
			Sources: []workspace.KeySource{{KeyID: key.ID, Decision: workspace.DecisionValid, Checks: 1,
				Use: workspace.Use{At: now, Agent: "curl"}}},
			Counts: []workspace.HourCount{
				{KeyID: key.ID, Hour: now.Truncate(time.Hour), Decision: workspace.DecisionValid, Checks: 1 << 40}},
		}))
		if i%7 == 0 {
			_, _, err := service.RotateKey(ctx, operator, workspace.KeyRotation{KeyID: key.ID, Overlap: "7d"})
			must(err)
		}
		if i%5 == 0 {
			_, err := service.RevokeKey(ctx, operator, key.ID, workspace.ReasonNone)
			must(err)
		}
	}
	dana, err := s.User(ctx, workspace.UserLookup{Email: "dana@acme.example"})
	must(err)
	_, err = service.NewResetLink(ctx, dana.Email)
	must(err)
	_, err = service.Invite(ctx, operator, []string{"mei@acme.example"}, workspace.RoleDeveloper)
	must(err)
	must(s.Update(ctx, func(tx workspace.Tx) error {
		now := time.Now()
		must(tx.InsertSession(ctx, workspace.Session{Digest: secret.DigestOf("x"), WorkspaceID: w.ID, UserID: dana.ID,
			CreatedAt: now, SeenAt: now}))
		_, err := workspace.CountFailure(ctx, tx, "account dana", now, now)
		must(err)
		must(tx.PutTOTP(ctx, workspace.TOTP{UserID: dana.ID, Secret: []byte("secret"), LastStep: 1, CreatedAt: now}))
		must(tx.InsertPasskey(ctx, workspace.Passkey{ID: "psk_1", UserID: dana.ID, Credential: []byte{0, 1},
			Site: "localhost", Name: "Laptop", Data: "{}", CreatedAt: now}))
		must(tx.PutProvider(ctx, workspace.Provider{ID: "idp_1", WorkspaceID: w.ID, Name: "Login",
			Issuer: "https://login.example", RoleMap: map[string]workspace.Role{"a b": "admin"}, CreatedAt: now}))
		must(tx.InsertIdentity(ctx,
			workspace.Identity{Issuer: "https://login.example", Subject: "1", UserID: dana.ID, CreatedAt: now}))
		must(tx.PutRecoveryCodes(ctx, dana.ID, []secret.Digest{secret.DigestOf("a"), secret.DigestOf("b")}))
		must(tx.PutWebhook(ctx, w.ID,
			workspace.Webhook{URL: "https://hooks.example", Secret: "whsec_", CreatedAt: now}))
		must(tx.InsertMessage(ctx, workspace.Message{ID: "msg_1", WorkspaceID: w.ID, Channel: workspace.ChannelMail,
			To: "dana@acme.example", Payload: `{"Subject":"鍵"}`, CreatedAt: now, NextAt: now, Deadline: now}))
		must(tx.UpdateWorkspace(ctx, w.ID, workspace.WorkspaceUpdate{
			Scopes: &workspace.ScopeCatalog{Scopes: []workspace.NamedScope{{Name: "invoices:read"}}}}))
		must(tx.InsertJob(ctx, workspace.Job{ID: "job_1", WorkspaceID: w.ID, Kind: workspace.JobBulk,
			Bulk: workspace.BulkRevoke, Actor: operator, Total: 1, CreatedAt: now, SeenAt: now}, [][]string{{"key_1"}}))
		return tx.InsertKnownDevice(ctx,
			workspace.KnownDevice{UserID: dana.ID, Digest: secret.DigestOf("device"), CreatedAt: now}, 10)
	}))
	return service, operator
}

func TestCopyToPostgres(t *testing.T) {
	t.Parallel()
	from, to := migrated(t, filepath.Join(t.TempDir(), "keylodge.db")), migrated(t, postgrestest.URL(t))
	service, operator := furnish(t, from)
	copied, err := from.CopyTo(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	var tables []string
	for _, c := range copied {
		tables = append(tables, c.Name)
		if c.Rows == 0 {
			t.Errorf("table %s was empty, so nothing is known of it", c.Name)
		}
	}
	slices.Sort(tables)
	all := store.Tables(t, from)
	if fmt.Sprint(tables) != fmt.Sprint(all) {
		t.Errorf("copied %v of %v", tables, all)
	}
	same := func() {
		t.Helper()
		for _, state := range workspace.KeyStates {
			q := workspace.KeyQuery{WorkspaceID: operator.WorkspaceID, State: state, Now: time.Now(), Limit: 1000}
			here, err := from.Keys(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			there, err := to.Keys(t.Context(), q)
			if err != nil || fmt.Sprint(here.Keys) != fmt.Sprint(there.Keys) {
				t.Errorf("%s keys differ (%v)", state, err)
			}
		}
		here, _ := from.ChangeNumber(t.Context())
		if there, err := to.ChangeNumber(t.Context()); err != nil || here != there {
			t.Errorf("change number %d became %d (%v)", here, there, err)
		}
	}
	same()

	// Again, after changes at the source.
	if _, _, err := service.AddKeyFor(t.Context(), operator, "dana@acme.example",
		workspace.NewKey{Name: "later"}); err != nil {
		t.Fatal(err)
	}
	if _, err := from.CopyTo(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	same()

	// Again, after the source has deleted old events; and the chain is whole
	// there.
	later := workspace.NewService(from,
		workspace.Config{Now: func() time.Time { return time.Now().AddDate(0, 0, 100) }})
	if err := later.SetAuditRetention(t.Context(), operator, 30); err != nil {
		t.Fatal(err)
	}
	if err := later.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := from.CopyTo(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	heads, err := to.CheckChains(t.Context(), func(b workspace.Break) { t.Error(b) })
	if err != nil || len(heads) != 2 || heads[1].Number < 300 || heads[1].Events > 2 {
		t.Errorf("%+v %v", heads, err)
	}

	// Not over a password that was set at the target, which changes no key.
	other := migrated(t, postgrestest.URL(t))
	if _, err := from.CopyTo(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if _, err := workspace.NewService(other, workspace.Config{}).NewResetLink(t.Context(),
		"dana@acme.example"); err != nil {
		t.Fatal(err)
	}
	if _, err := from.CopyTo(t.Context(), other); workspace.KindOf(err) != workspace.Conflict {
		t.Errorf("over a reset link of the target's: %v", err)
	}

	// Nor over a key.
	number, _ := to.ChangeNumber(t.Context())
	there := workspace.NewService(to, workspace.Config{})
	if _, _, err := there.AddKeyFor(t.Context(), operator, "dana@acme.example",
		workspace.NewKey{Name: "its own"}); err != nil {
		t.Fatal(err)
	}
	if _, err := from.CopyTo(t.Context(), to); workspace.KindOf(err) != workspace.Conflict {
		t.Errorf("over a change at the target: %v", err)
	}
	if n, err := to.ChangeNumber(t.Context()); err != nil || n == number {
		t.Errorf("the change at the target is gone (%v)", err)
	}
}

// A row that arrives altered is noticed, and nothing is kept.
func TestCopyThatGoesWrong(t *testing.T) {
	t.Parallel()
	from, to := migrated(t, filepath.Join(t.TempDir(), "keylodge.db")), migrated(t, postgrestest.URL(t))
	furnish(t, from)
	store.Exec(t, to,
		`CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN NEW.name := NEW.name || '!'; RETURN NEW; END $$`)
	store.Exec(t, to, `
		CREATE TRIGGER spoil BEFORE INSERT ON keys FOR EACH ROW WHEN (NEW.name LIKE '鍵 7 %') EXECUTE FUNCTION spoil()`)
	if _, err := from.CopyTo(t.Context(), to); err == nil || !strings.Contains(err.Error(), "table keys") {
		t.Errorf("an altered row: %v", err)
	}
	if some, err := to.Workspaces(t.Context(), workspace.WorkspaceFilter{Limit: 1}); err != nil || len(some) != 0 {
		t.Errorf("something was kept (%v)", err)
	}
	store.Exec(t, to, `DROP TRIGGER spoil ON keys`)
	if _, err := from.CopyTo(t.Context(), to); err != nil {
		t.Error(err)
	}
}
