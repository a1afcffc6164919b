package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"
)

const (
	signIns    = 30
	floodRate  = 200 // wrong passwords a second
	floodLimit = 128 // in flight
	quietFor   = 2 * time.Second
)

// measureSignIn compares a sign-in to one hash of a password, and verifications
// and pages beside a flood of wrong passwords to quiet ones.
func measureSignIn(ctx context.Context, b *bench) ([]row, error) {
	database := filepath.Join(b.folder, "sign-in.db")
	secrets, err := seed(ctx, database, fewKeys)
	if err != nil {
		return nil, err
	}
	// Each attempt comes from another client IP, so no throttle stops it and as
	// many passwords are hashed as can be.
	s, err := b.keylodge(ctx, database, "--trusted-proxies", "127.0.0.0/8")
	if err != nil {
		return nil, err
	}
	defer s.stop()
	first, err := s.costOfSignIn()
	if err != nil {
		return nil, err
	}
	rest, err := s.costOfFlood(ctx, secrets[0])
	return append([]row{first}, rest...), err
}

func (s *server) costOfSignIn() (row, error) {
	var all, hashes []time.Duration
	salt := make([]byte, 16)
	for range signIns {
		began := time.Now()
		argon2.IDKey([]byte(ownerPassword), salt, 2, 19456, 1, 32)
		hashes = append(hashes, time.Since(began))
		began = time.Now()
		if _, err := s.signIn(); err != nil {
			return row{}, err
		}
		all = append(all, time.Since(began))
	}
	return durations{"a sign-in against one hash of a password", all, hashes}.median("≤ 1.2"), nil
}

func inMillis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// costOfFlood verifies a key and asks for the keys page, in turns, quiet and
// beside the flood.
func (s *server) costOfFlood(ctx context.Context, secret string) ([]row, error) {
	cookie, err := s.signIn()
	if err != nil {
		return nil, err
	}
	requests := []struct {
		what   string
		header http.Header
		path   string
	}{
		{"GET /verify", http.Header{"Authorization": {"Bearer " + secret}}, "/verify"},
		{"the keys page", http.Header{"Cookie": {cookie.String()}}, "/settings/api-keys"},
	}
	var took [2][2][]time.Duration // by request; quiet, and beside the flood
	answers := map[int]int{}
	for range rounds {
		for i, r := range requests {
			for beside := range 2 {
				ctx, cancel := context.WithTimeout(ctx, quietFor)
				var flood sync.WaitGroup
				if beside == 1 {
					flood.Go(func() { s.flood(ctx, answers) })
					time.Sleep(200 * time.Millisecond) // until the queue is full
				}
				all, err := s.askUntil(ctx, r.path, r.header)
				cancel()
				flood.Wait()
				if err != nil {
					return nil, err
				}
				took[i][beside] = append(took[i][beside], all...)
			}
		}
	}
	var rows []row
	for i, r := range requests {
		d := durations{fmt.Sprintf("%s beside %d wrong passwords a second", r.what, floodRate), took[i][1], took[i][0]}
		rows = append(rows, d.median("≤ 1.3"), d.p99(""))
	}
	return append(rows, row{"what the wrong passwords got",
		fmt.Sprintf("422: %d, 429: %d, 503: %d", answers[422], answers[429], answers[503]), "", ""}), nil
}

func quantile(all []time.Duration, place float64) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[int(float64(len(sorted)-1)*place)]
}

// askUntil asks one question after the other until ctx ends.
func (s *server) askUntil(ctx context.Context, path string, header http.Header) (took []time.Duration, err error) {
	for ctx.Err() == nil {
		r, err := http.NewRequest(http.MethodGet, s.url+path, nil)
		if err != nil {
			return nil, err
		}
		r.Header = header
		began := time.Now()
		status, err := answerOf(http.DefaultClient, r)
		took = append(took, time.Since(began))
		if err != nil || status >= http.StatusMultipleChoices {
			return nil, fmt.Errorf("%s got %d, %v", path, status, err)
		}
	}
	return took, nil
}

// flood sends wrong passwords at a fixed rate, whatever becomes of them, until
// ctx ends, and counts the answers.
func (s *server) flood(ctx context.Context, answers map[int]int) {
	client := &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: floodLimit, MaxConnsPerHost: floodLimit},
	}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var all sync.WaitGroup
	tick := time.NewTicker(time.Second / floodRate)
	defer tick.Stop()
	for n := 0; ctx.Err() == nil; n++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
		all.Go(func() {
			form := url.Values{"email": {rand.Text() + "@acme.example"}, "password": {"wrong horse battery"}}
			r, _ := http.NewRequest(http.MethodPost, s.url+"/sign-in", strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255))
			status, _ := answerOf(client, r)
			mu.Lock()
			defer mu.Unlock()
			answers[status]++
		})
	}
	all.Wait()
}
