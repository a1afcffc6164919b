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

// measureSignIn compares a sign-in with one hash of a password, and what a
// flood of wrong passwords does to key checks and to pages with what they take
// when it is quiet.
func measureSignIn(ctx context.Context, b *bench) ([]row, error) {
	database := filepath.Join(b.folder, "sign-in.db")
	secrets, err := seed(ctx, database, fewKeys)
	if err != nil {
		return nil, err
	}
	// Each try says that it comes from another address, and is believed: so the
	// throttle of an address stops none of them, and all that can be hashed is.
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
	one, hash := median(all), median(hashes)
	return row{"a sign-in against one hash of a password", fmt.Sprintf("%.1f ms, %.1f ms", inMillis(one), inMillis(hash)), ratio(inMillis(one), inMillis(hash)), "≤ 1.2"}, nil
}

func inMillis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// costOfFlood asks for a key's check and for the page of keys, in turns, quiet
// and beside the flood.
func (s *server) costOfFlood(ctx context.Context, secret string) ([]row, error) {
	cookie, err := s.signIn()
	if err != nil {
		return nil, err
	}
	questions := []struct {
		what   string
		header http.Header
		path   string
	}{
		{"GET /verify", http.Header{"Authorization": {"Bearer " + secret}}, "/verify"},
		{"the page of keys", http.Header{"Cookie": {cookie.String()}}, "/settings/api-keys"},
	}
	var took [2][2][]time.Duration // by question, quiet and beside the flood
	answers := map[int]int{}
	for range rounds {
		for q, question := range questions {
			for beside := range 2 {
				ctx, cancel := context.WithTimeout(ctx, quietFor)
				var flood sync.WaitGroup
				if beside == 1 {
					flood.Go(func() { s.flood(ctx, answers) })
					time.Sleep(200 * time.Millisecond) // until the queue is full
				}
				all, err := s.askUntil(ctx, question.path, question.header)
				cancel()
				flood.Wait()
				if err != nil {
					return nil, err
				}
				took[q][beside] = append(took[q][beside], all...)
			}
		}
	}
	var rows []row
	for q, question := range questions {
		for _, at := range []struct {
			name  string
			place float64
			aim   string
		}{{"median", 0.5, "≤ 1.3"}, {"p99", 0.99, ""}} {
			quiet, beside := inMillis(quantile(took[q][0], at.place)), inMillis(quantile(took[q][1], at.place))
			rows = append(rows, row{
				fmt.Sprintf("%s beside %d wrong passwords a second, %s", question.what, floodRate, at.name),
				fmt.Sprintf("%.3f ms, %.3f ms", beside, quiet), ratio(beside, quiet), at.aim,
			})
		}
	}
	return append(rows, row{"what the wrong passwords got", fmt.Sprintf("422: %d, 429: %d, 503: %d", answers[422], answers[429], answers[503]), "", ""}), nil
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
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: floodLimit, MaxConnsPerHost: floodLimit}}
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
