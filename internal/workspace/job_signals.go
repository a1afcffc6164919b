package workspace

import (
	"context"
	"slices"
	"sync"
	"time"
)

// jobSignals wake this process's runner for new jobs, and tell waiting requests
// that a job has ended.
type jobSignals struct {
	wake chan struct{}

	mu    sync.Mutex
	ended map[string][]chan struct{} // by the job's id
}

func newJobSignals() *jobSignals {
	return &jobSignals{wake: make(chan struct{}, 1), ended: map[string][]chan struct{}{}}
}

// start wakes the runner.
func (g *jobSignals) start() {
	select {
	case g.wake <- struct{}{}:
	default: // a wake-up is pending already
	}
}

// watch returns a channel that is closed when this process ends the job, and a
// function that stops watching.
func (g *jobSignals) watch(id string) (ended <-chan struct{}, stop func()) {
	c := make(chan struct{})
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ended[id] = append(g.ended[id], c)
	return c, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		left := slices.DeleteFunc(g.ended[id], func(other chan struct{}) bool { return other == c })
		if g.ended[id] = left; len(left) == 0 {
			delete(g.ended, id)
		}
	}
}

func (g *jobSignals) end(id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.ended[id] {
		close(c)
	}
	delete(g.ended, id)
}

// AwaitJob returns when a job has ended in this process, limit has passed or
// ctx ends, whichever is first. It returns at once for an empty id.
func (s *Service) AwaitJob(ctx context.Context, workspaceID, id string, limit time.Duration) {
	if id == "" {
		return
	}
	ended, stop := s.jobs.watch(id)
	defer stop()
	if j, err := s.store.Job(ctx, workspaceID, id); err != nil || !j.EndedAt.IsZero() {
		return
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
	case <-ctx.Done():
	}
}
