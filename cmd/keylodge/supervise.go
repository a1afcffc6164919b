package main

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"
)

// jobRestart is the pause after a panic.
const jobRestart = time.Second

// supervise runs a job until it returns. It recovers from a panic, which would
// end the program, and runs the job again.
func supervise(ctx context.Context, log *slog.Logger, job func(context.Context)) {
	for !finishes(ctx, log, job) {
		select {
		case <-time.After(jobRestart):
		case <-ctx.Done():
			return
		}
	}
}

// finishes runs a job and reports whether it returned without a panic.
func finishes(ctx context.Context, log *slog.Logger, job func(context.Context)) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			log.Error("background job panicked; will restart", "panic", r, "stack", string(debug.Stack()))
		}
	}()
	job(ctx)
	return true
}

// repeat calls do at once and then at each interval, until ctx ends.
func repeat(ctx context.Context, interval time.Duration, do func(context.Context) error, failed func(error)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
