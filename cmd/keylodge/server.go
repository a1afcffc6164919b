package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"sync"
	"time"

	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/leaks"
	"github.com/keylodge/keylodge/internal/webhook"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
	"github.com/keylodge/keylodge/web"
)

// server is a Keylodge server on an open port and database.
type server struct {
	flags    serverFlags
	settings settings
	port     port
	db       *store.Store
	log      *slog.Logger
}

// run serves until ctx ends. It calls ready once the index is loaded.
func (s server) run(ctx context.Context, ready func(*url.URL, *workspace.Service) error) error {
	c := s.flags
	service := workspace.NewService(s.db, workspace.Config{
		KeyPrefix: c.KeyPrefix, Sessions: workspace.SessionPolicy{Idle: c.SessionIdle, Absolute: c.SessionLife},
		Mail: s.settings.mail != nil, Links: web.NewLinks(s.port.base), PrivateHooks: c.PrivateWebhooks,
	})
	options := keyindex.Options{MaxStaleness: c.MaxStaleness, VerifyTimeout: c.VerifyTimeout}
	index, err := keyindex.Open(ctx, s.db, options)
	if err != nil {
		return err
	}
	defer index.Close()
	ballast := newBallast()
	defer func() { runtime.KeepAlive(ballast) }()
	if err := ready(s.port.base, service); err != nil {
		return err
	}
	handler := web.New(web.Config{
		Service: service, Index: index, BaseURL: s.port.base, TrustedProxies: s.settings.trustedProxies,
		GitHub: leaks.NewGitHub(c.LeakKeysURL), LocalIssuers: c.LocalIssuers,
		FailureLimit: s.settings.failureLimit, Log: s.log,
	})
	httpServer := &http.Server{
		Handler:     handler,
		ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelError),
	}
	jobsLog := slog.New(newOutageHandler(s.log.Handler(), time.Now)) // jobs retry, and so repeat their errors
	return serveUntilDone(ctx, httpServer, s.port, jobsLog, s.jobs(service, index, jobsLog)...)
}

// jobs returns what runs in the background while the server serves.
func (s server) jobs(service *workspace.Service, index *keyindex.Index, log *slog.Logger) []func(context.Context) {
	logAs := func(failure string) func(error) { return func(err error) { log.Error(failure, "error", err) } }
	every := func(interval time.Duration, failure string, do func(context.Context) error) func(context.Context) {
		return func(ctx context.Context) { repeat(ctx, interval, do, logAs(failure)) }
	}
	jobs := []func(context.Context){
		s.db.Watch,
		func(ctx context.Context) { s.db.Listen(ctx, index.Refresh) },
		func(ctx context.Context) {
			index.FlushEvery(ctx, 5*time.Second, logAs("usage flush failed; will retry"))
		},
		every(time.Hour, "deleting expired rows failed; will retry", service.Tidy),
		every(10*time.Minute, "queuing expiry warnings failed; will retry", service.WarnOfExpiry),
		every(time.Minute, "giving up undeliverable messages failed; will retry", func(ctx context.Context) error {
			return giveUpMessages(ctx, service, log)
		}),
		func(ctx context.Context) { service.RunJobs(ctx, logJobFailure(log)) },
		sender(workspace.ChannelWebhook, service, webhook.New(s.flags.PrivateWebhooks), log).Run,
	}
	return append(jobs, mailJobs(s.settings.mail, service, log)...)
}

// logJobFailure returns a function that logs why a step of a job failed, or,
// for the zero job, why the jobs can't be read.
func logJobFailure(log *slog.Logger) func(workspace.Job, error) {
	return func(j workspace.Job, err error) {
		if j.ID == "" {
			log.Error("jobs unavailable; will retry", "error", err)
			return
		}
		log.Error("job step failed; will retry", "job", j.ID, "kind", j.Kind, "error", err)
	}
}

// shutdownLimit is how long requests may take to finish at shutdown.
const shutdownLimit = 10 * time.Second

// serveUntilDone serves until ctx ends, then lets requests finish, and then the
// jobs.
func serveUntilDone(ctx context.Context, server *http.Server, port port, log *slog.Logger,
	jobs ...func(context.Context)) error {
	jobsCtx, endJobs := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	for _, job := range jobs {
		running.Go(func() { supervise(jobsCtx, log, job) })
	}
	served := make(chan error, 1)
	running.Go(func() { served <- server.Serve(port) })
	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownLimit)
		defer cancel()
		if err = server.Shutdown(limit); errors.Is(err, context.DeadlineExceeded) {
			err = server.Close() // a client is too slow
		}
	}
	endJobs()
	running.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
