package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/leaks"
	"github.com/keylodge/keylodge/internal/mail"
	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/webhook"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
	"github.com/keylodge/keylodge/web"
)

type serveCommand struct {
	database
	serverFlags
}

// serverFlags are the flags of what listens.
type serverFlags struct {
	keyPrefix
	Addr            string        `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen. Default: 127.0.0.1:8080"`
	BaseURL         string        `name:"base-url" placeholder:"URL" help:"Where people reach it; https makes cookies secure. Default: http://localhost and the port"`
	MaxStaleness    time.Duration `default:"0s" help:"How old the proof may be that a key is still good. Default: 0s, none but a fresh one"`
	AskLimit        time.Duration `default:"500ms" help:"How long a check waits for the database before it is refused. Default: 500ms"`
	OnLostHistory   string        `default:"refuse" enum:"refuse,reload" help:"What to do when the database lost changes that this server knows of: refuse everything until a restart, or reload. Default: refuse"`
	TrustedProxies  []string      `placeholder:"CIDR" help:"Whose X-Forwarded-For is believed. Default: nobody's"`
	FailureLimit    string        `default:"300/1m" placeholder:"N/TIME|off" help:"How many keys that are not good an address may present in a time before it gets 429. Default: 300/1m"`
	SessionIdle     time.Duration `default:"30m" help:"A session ends after this long without a request. Default: 30m"`
	SessionLife     time.Duration `default:"8h" help:"A session ends after this long in any case. Default: 8h"`
	SMTPURL         string        `name:"smtp-url" placeholder:"URL" help:"Where e-mail is handed in: smtp://user:password@host:587?from=ADDRESS, or smtps://. Default: no e-mail"`
	LeakKeysURL     string        `name:"leak-keys-url" default:"${leak_keys_url}" placeholder:"URL" help:"Where the keys are that GitHub signs its reports of leaked keys with. Default: GitHub's"`
	PrivateWebhooks bool          `help:"Let webhooks go to this machine and private networks. Default: no"`
	LocalIssuers    bool          `help:"Let identity providers be on this machine, also without TLS, and on private networks. Default: no"`
	LogFormat       string        `enum:"text,json" default:"text" help:"text or json. Default: text"`
	LogLevel        string        `default:"info" enum:"debug,info,warn,error" help:"debug, info, warn or error. Default: info"`
}

// Run serves until it is told to stop.
func (c serveCommand) Run(io streams) error {
	if err := c.checkFlags(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)() // a second Ctrl+C does not wait
	place, err := c.listen(ctx)
	if err != nil {
		return err
	}
	defer place.Close()
	db, err := c.openWith(ctx, store.Options{LostHistory: store.LostHistory(c.OnLostHistory), Log: c.logger(io)})
	if err != nil {
		return err
	}
	defer db.Close()
	return c.serve(ctx, io, place, db, func(base *url.URL, s *workspace.Service) error {
		token, err := s.NewSetupToken(ctx)
		switch {
		case err != nil:
			return err
		case token != "":
			fmt.Fprintf(io.out, "Open %s/setup?token=%s to create the first workspace.\n", base, token)
		default:
			fmt.Fprintf(io.out, "Keylodge is running at %s\n", base)
		}
		return nil
	})
}

// serve runs the server on a database until ctx ends. announce is called once
// it listens.
func (c serverFlags) serve(ctx context.Context, io streams, place place, db *store.Store, announce func(*url.URL, *workspace.Service) error) error {
	log := c.logger(io)
	proxies, _ := c.trustedProxies() // checked before
	service := workspace.NewService(db, workspace.Config{
		KeyPrefix: c.KeyPrefix, Sessions: workspace.SessionPolicy{Idle: c.SessionIdle, Absolute: c.SessionLife},
		Mail: c.SMTPURL != "", Links: web.NewLinks(place.base), PrivateHooks: c.PrivateWebhooks,
	})
	index, err := keyindex.Open(ctx, db, keyindex.Options{MaxStaleness: c.MaxStaleness, VerifyTimeout: c.AskLimit})
	if err != nil {
		return err
	}
	defer index.Close()
	ballast := newBallast()
	defer func() { runtime.KeepAlive(ballast) }()
	if err := announce(place.base, service); err != nil {
		return err
	}
	handler := web.New(web.Config{Service: service, Index: index, BaseURL: place.base, TrustedProxies: proxies,
		GitHub: leaks.NewGitHub(c.LeakKeysURL), LocalIssuers: c.LocalIssuers, FailureLimit: c.failureLimit(), Log: log})
	server := &http.Server{
		Handler: handler, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelError),
	}
	log = slog.New(newOutageHandler(log.Handler(), time.Now)) // for background jobs, which try again and again
	sendMail, checkMail := c.mailJobs(service, place.base, log)
	return runUntilDone(ctx, log, server, place, db.Watch, func(ctx context.Context) {
		index.FlushEvery(ctx, 5*time.Second, func(err error) { log.Error("uses were not written, and will be tried again", "error", err) })
	}, func(ctx context.Context) {
		db.Listen(ctx, index.Hint)
	}, func(ctx context.Context) {
		repeat(ctx, time.Hour, log, "old sessions were not removed", service.Tidy)
	}, func(ctx context.Context) {
		repeat(ctx, 10*time.Minute, log, "people were not told which keys end soon", service.WarnOfExpiry)
	}, func(ctx context.Context) {
		service.RunJobs(ctx, func(j workspace.Job, err error) {
			if j.ID == "" {
				log.Error("jobs unavailable; will retry", "error", err)
				return
			}
			log.Error("job step failed; will retry", "job", j.ID, "kind", j.Kind, "error", err)
		})
	}, func(ctx context.Context) {
		repeat(ctx, time.Minute, log, "undeliverable messages were not given up",
			func(ctx context.Context) error { return giveUpMessages(ctx, service, log) })
	}, sendMail, checkMail, sender(workspace.ChannelWebhook, service, webhook.New(c.PrivateWebhooks), log).Run)
}

func (c serverFlags) checkFlags() error {
	switch {
	case c.SessionIdle <= 0 || c.SessionLife <= 0:
		return errUsage{"--session-idle and --session-life must be longer than nothing, such as 30m"}
	case c.SessionIdle > c.SessionLife:
		return errUsage{"--session-idle can't be longer than --session-life"}
	case c.MaxStaleness < 0:
		return errUsage{"--max-staleness can't be less than 0s"}
	case c.AskLimit <= 0:
		return errUsage{"--ask-limit must be longer than nothing, such as 500ms"}
	}
	if c.SMTPURL != "" {
		if _, err := mail.Open(c.SMTPURL, nil); err != nil {
			return errUsage{"--smtp-url: " + err.Error()}
		}
	}
	if _, message := c.trustedProxies(); message != "" {
		return errUsage{"--trusted-proxies: " + message}
	}
	if _, message := ratelimit.Parse(c.FailureLimit); message != "" && c.FailureLimit != "off" {
		return errUsage{"--failure-limit: " + message}
	}
	if !workspace.IsHTTPS(c.LeakKeysURL, true) {
		return errUsage{"--leak-keys-url must be an address that begins with https://"}
	}
	return c.check()
}

// trustedProxies reads the flag. The message is empty when it is good.
func (c serverFlags) trustedProxies() (all []netip.Prefix, message string) {
	for _, text := range c.TrustedProxies {
		network, message := workspace.ParseAddresses([]string{text})
		if message != "" {
			return nil, message
		}
		all = append(all, network...)
	}
	return all, ""
}

// failureLimit is the flag's value, once it has been checked; "off" is the zero
// Rate.
func (c serverFlags) failureLimit() ratelimit.Rate {
	rate, _ := ratelimit.Parse(c.FailureLimit)
	return rate
}

const ballastLength = 64 << 20

// newBallast returns what is never touched, so that it takes no memory, but
// what the collector counts: as much garbage as it is long may gather before it
// is collected, however little else there is in memory. Checks make little
// garbage, but beside a small heap the collector would run dozens of times a
// second under load, and take a tenth of the time. (A percentage would be of
// the memory of password hashes, too, and let hundreds of megabytes gather.)
// There is none when GOGC is set.
func newBallast() []byte {
	if os.Getenv("GOGC") != "" {
		return nil
	}
	return make([]byte, ballastLength)
}

// runUntilDone serves until ctx ends, then lets requests finish, and then lets
// the jobs finish.
func runUntilDone(ctx context.Context, log *slog.Logger, server *http.Server, listener net.Listener,
	jobs ...func(context.Context)) error {
	jobsCtx, endJobs := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	for _, job := range jobs {
		running.Go(func() { supervise(jobsCtx, log, job) })
	}
	served := make(chan error, 1)
	running.Go(func() { served <- server.Serve(listener) })
	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err = server.Shutdown(patience); errors.Is(err, context.DeadlineExceeded) {
			err = server.Close() // somebody is too slow
		}
	}
	endJobs()
	running.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// jobRestart is how long a job rests after a panic.
const jobRestart = time.Second

// supervise runs a job until it returns. After a panic, which would end the
// program, it begins again.
func supervise(ctx context.Context, log *slog.Logger, job func(context.Context)) {
	for !finishes(ctx, log, job) {
		select {
		case <-time.After(jobRestart):
		case <-ctx.Done():
			return
		}
	}
}

// finishes runs a job, and says whether it returned rather than panicked.
func finishes(ctx context.Context, log *slog.Logger, job func(context.Context)) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			log.Error("background job panicked; will restart", "panic", r, "stack", string(debug.Stack()))
		}
	}()
	job(ctx)
	return true
}

// repeat does something at once, and again and again. failed says in the log
// what a failure comes to.
func repeat(ctx context.Context, interval time.Duration, log *slog.Logger, failed string, do func(context.Context) error) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			log.Error(failed+", and will be tried again", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// place is an open port, and where people reach it.
type place struct {
	net.Listener
	base *url.URL
}

// listen opens the port. It comes before the database, so that a port that is
// taken leaves none behind.
func (c serverFlags) listen(ctx context.Context) (place, error) {
	var base *url.URL
	if c.BaseURL != "" {
		var err error
		if base, err = parseBaseURL(c.BaseURL); err != nil {
			return place{}, err
		}
	}
	if err := c.refuseClear(base); err != nil {
		return place{}, err
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return place{}, fmt.Errorf("can't listen at %s: %w", c.Addr, err)
	}
	if base == nil {
		port := listener.Addr().(*net.TCPAddr).Port
		base = &url.URL{Scheme: "http", Host: net.JoinHostPort("localhost", strconv.Itoa(port))}
	}
	return place{listener, base}, nil
}

// refuseClear refuses to take passwords and keys in clear from other machines.
func (c serverFlags) refuseClear(base *url.URL) error {
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return errUsage{fmt.Sprintf("--addr %s is not HOST:PORT", c.Addr)}
	}
	ip, _ := netip.ParseAddr(host)
	if host == "localhost" || ip.IsLoopback() || len(c.TrustedProxies) > 0 || base != nil && base.Scheme == "https" {
		return nil
	}
	return errUsage{fmt.Sprintf("--addr %s is open to other machines, and passwords and keys would travel in clear; "+
		"put a TLS proxy before it and set --base-url https://… or --trusted-proxies", c.Addr)}
}

func (c serverFlags) logger(io streams) *slog.Logger {
	var level slog.Level
	level.UnmarshalText([]byte(c.LogLevel)) // it is one of four that are good
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: utcTime}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(io.err, options))
	}
	return slog.New(slog.NewTextHandler(io.err, options))
}

// utcTime has the log say its times in UTC, whatever the machine's zone.
func utcTime(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && len(groups) == 0 {
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	}
	return a
}
