package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

const (
	removalKeys    = 8000
	removalWriters = 4
)

// measureRemoval removes a member with many keys while another workspace's keys
// are added one after another by a few writers, and compares how long each of
// those takes with what it takes when nothing else happens.
func measureRemoval(ctx context.Context, b *bench) ([]row, error) {
	path := filepath.Join(b.folder, "removal.db")
	if _, err := seed(ctx, path, removalKeys); err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	r := removal{db: db, Service: workspace.NewService(db, workspace.Config{})}
	beta, owner, err := r.CreateWorkspace(ctx, workspace.NewWorkspace{
		Name: "Beta", Slug: "beta", OwnerName: "Ben", OwnerEmail: "ben@beta.example", OwnerPassword: ownerPassword,
	})
	if err != nil {
		return nil, err
	}
	r.others = workspace.Operator
	r.others.WorkspaceID, r.owner = beta.ID, owner.UserID
	quiet, cancel := context.WithTimeout(ctx, roundFor)
	defer cancel()
	before, err := r.write(quiet)
	if err != nil {
		return nil, err
	}
	busy, done := context.WithCancel(ctx)
	defer done()
	removed := make(chan error, 1)
	var took time.Duration
	go func() {
		defer done()
		began := time.Now()
		err := r.remove(busy)
		took = time.Since(began)
		removed <- err
	}()
	during, err := r.write(busy)
	if failed := <-removed; err == nil {
		err = failed
	}
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("another workspace's writes while a member with %d keys is removed", removalKeys)
	return []row{
		durations{what, during, before}.median("≤ 2"),
		{fmt.Sprintf("removal of a member with %d keys, to the last key", removalKeys),
			fmt.Sprintf("%.1f s", took.Seconds()), "", ""},
	}, nil
}

// removal is an installation from which a member is removed.
type removal struct {
	*workspace.Service
	db     *store.Store
	others workspace.Actor // in another workspace
	owner  string          // of the other workspace's keys
}

// write adds keys until ctx ends, and returns how long each took.
func (r removal) write(ctx context.Context) (all []time.Duration, err error) {
	var mu sync.Mutex
	var writers sync.WaitGroup
	for range removalWriters {
		writers.Go(func() {
			for ctx.Err() == nil {
				began := time.Now()
				_, _, failed := r.AddKey(context.WithoutCancel(ctx), r.others,
					workspace.NewKey{OwnerID: r.owner, Name: "CI", Expires: "never"})
				took := time.Since(began)
				mu.Lock()
				if all = append(all, took); failed != nil {
					err = failed
				}
				mu.Unlock()
				if failed != nil {
					return
				}
			}
		})
	}
	writers.Wait()
	return all, err
}

// remove removes the member who has the keys, and returns when the keys are
// settled.
func (r removal) remove(ctx context.Context) error {
	acme, err := r.WorkspaceBySlug(ctx, "acme")
	if err != nil {
		return err
	}
	operator := workspace.Operator
	operator.WorkspaceID = acme.ID
	// The last owner can't be removed.
	if _, err := r.AddMember(ctx, operator, "Mei", "mei@acme.example", ownerPassword, workspace.RoleOwner); err != nil {
		return err
	}
	leaver, err := r.db.User(ctx, workspace.UserLookup{Email: ownerEmail})
	if err != nil {
		return err
	}
	_, job, err := r.RemoveMember(ctx, operator, leaver.ID, "")
	if err != nil {
		return err
	}
	jobs, stop := context.WithCancel(ctx)
	var failed error
	var running sync.WaitGroup
	running.Go(func() { r.RunJobs(jobs, func(_ workspace.Job, err error) { failed = err }) })
	r.AwaitJob(ctx, acme.ID, job.ID, time.Minute)
	stop()
	running.Wait()
	return failed
}
