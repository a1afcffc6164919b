package store_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/keylodge/keylodge/store"
	"github.com/keylodge/keylodge/workspace"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func keyID(n int) string {
	var id [workspace.IDBytes]byte
	binary.BigEndian.PutUint64(id[workspace.IDBytes-8:], uint64(n))
	return string(workspace.AppendKeyID(nil, id))
}

// fill adds workspace ws_N with ten members and n keys.
func fill(tb testing.TB, s *store.Store, number, n int) workspace.Workspace {
	tb.Helper()
	ctx := context.Background()
	ws := workspace.Workspace{ID: fmt.Sprint("ws_", number), Slug: fmt.Sprint("slug-", number), Name: "W", CreatedAt: epoch}
	err := s.Change(ctx, func(tx workspace.ChangeTx) error {
		if err := tx.InsertWorkspace(ctx, ws); err != nil {
			return err
		}
		for u := range 10 {
			id := fmt.Sprint("usr_", number, "_", u)
			if err := tx.InsertUser(ctx, workspace.User{ID: id, Email: id + "@example.com", Name: "Person", CreatedAt: epoch}); err != nil {
				return err
			}
			if err := tx.InsertMember(ctx, workspace.Member{WorkspaceID: ws.ID, UserID: id, Role: workspace.Admin, Active: true, CreatedAt: epoch}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	for from := 0; from < n; from += 5000 {
		err := s.Change(ctx, func(tx workspace.ChangeTx) error {
			for i := from; i < min(n, from+5000); i++ {
				owner := fmt.Sprint("usr_", number, "_", i%10)
				id := number*10_000_000 + i
				k := workspace.Key{ID: keyID(id), WorkspaceID: ws.ID, OwnerID: owner, Name: "Key of a robot", Hint: "kl_abcd…wxyz",
					Digest: workspace.TokenDigest(strconv.Itoa(id)), CreatedBy: owner, CreatedAt: epoch.Add(time.Duration(i) * time.Second)}
				switch i % 10 {
				case 1:
					k.ExpiresAt = epoch.Add(time.Duration(i) * time.Minute)
				case 2:
					k.RevokedAt = epoch.Add(time.Duration(i) * time.Minute)
				}
				if err := tx.InsertKey(ctx, k); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	return ws
}

func TestMeasure(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("KEYS"))
	if n == 0 {
		t.Skip()
	}
	eachEngine(t, func(t *testing.T, dsn string) {
		s := migrated(t, dsn)
		ctx := t.Context()
		t0 := time.Now()
		big, small := fill(t, s, 1, n), fill(t, s, 2, 50)
		t.Log("fill", time.Since(t0))
		for range 2 {
			t0 = time.Now()
			if _, err := s.AllFacts(ctx, nothing{}); err != nil {
				t.Fatal(err)
			}
			t.Log("AllFacts", n, time.Since(t0))
		}
		now := epoch.Add(time.Duration(n) * time.Second)
		for _, state := range workspace.KeyStates {
			for _, owner := range []int{-1, map[workspace.KeyState]int{workspace.Active: 3, workspace.Expired: 1, workspace.Revoked: 2}[state]} {
				var took [2]time.Duration
				for range 3 {
					for i, ws := range []workspace.Workspace{small, big} {
						q := workspace.KeyQuery{WorkspaceID: ws.ID, State: state, Now: now, Limit: 4}
					if owner < 0 && state == workspace.Active { q.Limit = 20 }
					if i == 0 { q.Now = epoch.Add(1e6*time.Hour) ; if state == workspace.Active { q.Now = epoch } }
						if owner >= 0 {
							q.OwnerID = fmt.Sprint("usr_", i, "_", owner)
							q.OwnerID = fmt.Sprint("usr_", 2-i, "_", owner)
						}
						t0 = time.Now()
						for range 200 {
							if _, err := s.Keys(ctx, q); err != nil {
								t.Fatal(err)
							}
						}
						took[i] = time.Since(t0) / 200
					}
				}
				t.Log("Keys", state, owner, took, float64(took[1])/float64(took[0]))
			}
		}
		t0 = time.Now()
		for range 100 {
			s.KeyCounts(ctx, workspace.KeyQuery{WorkspaceID: big.ID, Now: now})
		}
		t.Log("KeyCounts", time.Since(t0)/100)
		var uses []workspace.KeyUse
		for i := range min(n, 10000) {
			uses = append(uses, workspace.KeyUse{KeyID: keyID(10_000_000 + i), Use: workspace.Use{At: epoch}})
		}
		for range 3 {
			for i := range uses {
				uses[i].At = uses[i].At.Add(time.Second)
			}
			t0 = time.Now()
			if err := s.RecordUses(ctx, uses); err != nil {
				t.Fatal(err)
			}
			t.Log("RecordUses", len(uses), time.Since(t0))
		}
		t0 = time.Now()
		for i := range 300 {
			s.Change(ctx, func(tx workspace.ChangeTx) error {
				id := 90_000_000 + i
				return tx.InsertKey(ctx, workspace.Key{ID: keyID(id), WorkspaceID: small.ID, OwnerID: "usr_2_1", CreatedAt: epoch, Digest: workspace.TokenDigest(strconv.Itoa(id))})
			})
		}
		t.Log("Change+InsertKey", time.Since(t0)/300)
		c, _ := s.ChangeNumber(ctx)
		t0 = time.Now()
		for range 200 {
			if _, err := s.FactsSince(ctx, c-1, nothing{}); err != nil {
				t.Fatal(err)
			}
		}
		t.Log("FactsSince 1", time.Since(t0)/200)
	})
}
