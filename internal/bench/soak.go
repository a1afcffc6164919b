package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
	"github.com/keylodge/keylodge/web"
)

// soak loads a server in this process at half of its capacity, adds and revokes
// a key each second, and prints memory and goroutines.
func soak(ctx context.Context, long time.Duration) error {
	folder, err := os.MkdirTemp("", "keylodge-soak-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "keylodge.db")
	secrets, err := seed(ctx, path, 100_000)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer db.Close()
	index, err := keyindex.Open(ctx, db, keyindex.Options{})
	if err != nil {
		return err
	}
	service := workspace.NewService(db, workspace.Config{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	handler := web.New(web.Config{
		Service: service, Index: index, BaseURL: &url.URL{Scheme: "http", Host: "localhost"},
		Log:          slog.New(slog.DiscardHandler),
		FailureLimit: ratelimit.Rate{Requests: 300, Window: time.Minute},
	})
	go http.Serve(listener, handler)
	go index.FlushEvery(ctx, 5*time.Second, func(err error) { fmt.Fprintln(os.Stderr, err) })

	s := &soaker{url: "http://" + listener.Addr().String(), secrets: secrets,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
	s.load(ctx, 5*time.Second, 0)
	most := float64(s.asked.Swap(0)) / 5
	fmt.Printf("At most %.0f checks a second, client and server in one process; now half of it for %v.\n", most, long)
	fmt.Println("time\tchecks\twrong\tlive heap\theld\tgoroutines\tkeys changed")
	ended := make(chan struct{})
	go func() { s.load(ctx, long, most/2); close(ended) }()
	began := time.Now()
	tick := time.NewTicker(30 * time.Second)
	change := time.NewTicker(time.Second)
	changed := 0
	for {
		select {
		case <-ended:
			s.report(began, changed)
			return nil
		case <-tick.C:
			s.report(began, changed)
		case <-change.C:
			if err := addAndRevoke(ctx, service); err != nil {
				return err
			}
			changed++
		}
	}
}

func addAndRevoke(ctx context.Context, s *workspace.Service) error {
	w, err := s.WorkspaceBySlug(ctx, "acme")
	if err != nil {
		return err
	}
	operator := workspace.Operator
	operator.WorkspaceID = w.ID
	key, _, err := s.AddKeyFor(ctx, operator, ownerEmail, workspace.NewKey{Name: "soak"})
	if err == nil {
		_, err = s.RevokeKey(ctx, operator, key.ID, workspace.ReasonNone)
	}
	return err
}

type soaker struct {
	url          string
	secrets      []string
	client       *http.Client
	asked, wrong atomic.Int64
}

// load asks from 32 clients, at most so often a second in all; 0 is as often as
// they can.
func (s *soaker) load(ctx context.Context, long time.Duration, perSecond float64) {
	const clients = 32
	began := time.Now()
	var all sync.WaitGroup
	for n := range clients {
		all.Go(func() {
			for i := n; time.Since(began) < long && ctx.Err() == nil; i += clients {
				if wait := time.Duration(float64(i)/perSecond*1e9) - time.Since(began); perSecond > 0 && wait > 0 {
					time.Sleep(wait)
				}
				s.ask(i)
			}
		})
	}
	all.Wait()
}

// ask asks about a key; one in fifty is wrong, one in ten asked about as JSON.
func (s *soaker) ask(i int) {
	key, want := s.secrets[i*4057%len(s.secrets)], http.StatusNoContent
	r, _ := http.NewRequest(http.MethodGet, s.url+"/verify", nil)
	switch {
	case i%50 == 0:
		key, want = "kl_wrong", 0
	case i%10 == 1:
		r, _ = http.NewRequest(http.MethodPost, s.url+"/api/v1/verify", strings.NewReader(`{"key":"`+key+`"}`))
		r.Header.Set("Content-Type", "application/json")
		want = http.StatusOK
	}
	r.Header.Set("Authorization", "Bearer "+key)
	answer, err := s.client.Do(r)
	s.asked.Add(1)
	if err != nil || want != 0 && answer.StatusCode != want {
		s.wrong.Add(1)
	}
	if err == nil {
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
}

func (s *soaker) report(began time.Time, changed int) {
	live := liveHeap()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Printf("%v\t%d\t%d\t%.1f MB\t%.1f MB\t%d\t%d\n",
		time.Since(began).Round(time.Second), s.asked.Load(), s.wrong.Load(),
		float64(live)/1e6, float64(m.Sys-m.HeapReleased)/1e6, runtime.NumGoroutine(), changed)
}
