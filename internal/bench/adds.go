package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

const adders = 64

// measureAdds adds keys from many goroutines at once, and from one. Each key
// and its audit row are on the disk before the next is added.
func measureAdds(ctx context.Context, b *bench) ([]row, error) {
	path := filepath.Join(b.folder, "adds.db")
	if _, err := seed(ctx, path, 0); err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	service := workspace.NewService(db, workspace.Config{})
	w, err := service.WorkspaceBySlug(ctx, "acme")
	if err != nil {
		return nil, err
	}
	owner, err := db.User(ctx, workspace.UserLookup{Email: ownerEmail})
	if err != nil {
		return nil, err
	}
	actor := workspace.Operator
	actor.WorkspaceID = w.ID
	var many, one []float64
	for range rounds {
		for _, side := range []struct {
			adders int
			rates  *[]float64
		}{{adders, &many}, {1, &one}} {
			rate, err := addFor(ctx, service, actor, owner.ID, side.adders)
			if err != nil {
				return nil, err
			}
			*side.rates = append(*side.rates, rate)
		}
	}
	return []row{{
		fmt.Sprintf("keys added durably, in process, by %d at once, against one after another", adders),
		fmt.Sprintf("%.0f/s, %.0f/s", median(many), median(one)), ratio(median(many), median(one)), "≥ 8,000/s",
	}}, nil
}

// addFor returns how many keys are added a second.
func addFor(ctx context.Context, service *workspace.Service, actor workspace.Actor, ownerID string,
	adders int) (float64, error) {
	began := time.Now()
	var added atomic.Int64
	var failure atomic.Pointer[error]
	var all sync.WaitGroup
	for range adders {
		all.Go(func() {
			for time.Since(began) < roundFor && failure.Load() == nil {
				n := workspace.NewKey{OwnerID: ownerID, Name: "CI", Expires: "never"}
				if _, _, err := service.AddKey(ctx, actor, n); err != nil {
					failure.Store(&err)
					return
				}
				added.Add(1)
			}
		})
	}
	all.Wait()
	if err := failure.Load(); err != nil {
		return 0, *err
	}
	return float64(added.Load()) / time.Since(began).Seconds(), nil
}
