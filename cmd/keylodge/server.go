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
	flags serverFlags
	port  port
	db    *store.Store
	log   *slog.Logger
}

// run serves until ctx ends. It calls announce once the index is loaded.
func (s server) run(ctx context.Context, announce func(*url.URL, *workspace.Service) error) error {
	c := s.flags
	proxies, _ := c.trustedProxies() // checkFlags has checked it
	service := workspace.NewService(s.db, workspace.Config{
		KeyPrefix: c.KeyPrefix, Sessions: workspace.SessionPolicy{Idle: c.SessionIdle, Absolute: c.SessionLife},
		Mail: c.SMTPURL != "", Links: web.NewLinks(s.port.base), PrivateHooks: c.PrivateWebhooks,
	})
	index, err := keyindex.Open(ctx, s.db, keyindex.Options{MaxStaleness: c.MaxStaleness, VerifyTimeout: c.AskLimit})
	if err != nil {
		return err
	}
	defer index.Close()
	ballast := newBallast()
	defer func() { runtime.KeepAlive(ballast) }()
	if err := announce(s.port.base, service); err != nil {
		return err
	}
	handler := web.New(web.Config{
		Service: service, Index: index, BaseURL: s.port.base, TrustedProxies: proxies,
		GitHub: leaks.NewGitHub(c.LeakKeysURL), LocalIssuers: c.LocalIssuers,
		FailureLimit: c.failureLimit(), Log: s.log,
	})
	server := &http.Server{
		Handler:     handler,
		ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelError),
	}
	s.log = slog.New(newOutageHandler(s.log.Handler(), time.Now)) // for background jobs, which retry
	return serveUntilDone(ctx, server, s.port, s.log, s.jobs(service, index)...)
}

// jobs returns what runs in the background while the server serves.
func (s server) jobs(service *workspace.Service, index *keyindex.Index) []func(context.Context) {
	logAs := func(failure string) func(error) { return func(err error) { s.log.Error(failure, "error", err) } }
	every := func(interval time.Duration, failure string, do func(context.Context) error) func(context.Context) {
		return func(ctx context.Context) { repeat(ctx, interval, do, logAs(failure)) }
	}
	jobs := []func(context.Context){
		s.db.Watch,
		func(ctx context.Context) { s.db.Listen(ctx, index.Refresh) },
		func(ctx context.Context) {
			index.FlushEvery(ctx, 5*time.Second, logAs("usage flush failed; will retry"))
		},
		every(time.Hour, "expired rows not deleted; will retry", service.Tidy),
		every(10*time.Minute, "expiry warnings not queued; will retry", service.WarnOfExpiry),
		every(time.Minute, "undeliverable messages not given up; will retry", func(ctx context.Context) error {
			return giveUpMessages(ctx, service, s.log)
		}),
		func(ctx context.Context) { service.RunJobs(ctx, s.logJobFailure) },
		sender(workspace.ChannelWebhook, service, webhook.New(s.flags.PrivateWebhooks), s.log).Run,
	}
	return append(jobs, s.flags.mailJobs(service, s.port.base, s.log)...)
}

func (s server) logJobFailure(j workspace.Job, err error) {
	if j.ID == "" {
		s.log.Error("jobs unavailable; will retry", "error", err)
		return
	}
	s.log.Error("job step failed; will retry", "job", j.ID, "kind", j.Kind, "error", err)
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
