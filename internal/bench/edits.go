package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

const (
	editsKeys  = 10_000
	edits      = 100
	editRounds = 5
	editEvery  = 50 * time.Millisecond
)

// measureEdits edits one key that has as many old secrets as are kept, and
// checks another one meanwhile and in between.
func measureEdits(ctx context.Context, b *bench) ([]row, error) {
	path := filepath.Join(b.folder, "edits.db")
	_, secret, err := seedList(ctx, path, editsKeys, 1)
	if err != nil {
		return nil, err
	}
	id, err := seedRotated(ctx, path)
	if err != nil {
		return nil, err
	}
	s, err := b.keylodge(ctx, path)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	cookie, err := s.signIn()
	if err != nil {
		return nil, err
	}
	check := http.Header{"Authorization": {"Bearer " + secret}}
	var calm, loud []time.Duration
	for round := range editRounds {
		quiet, cancel := context.WithTimeout(ctx, edits/editRounds*editEvery)
		some, err := s.askUntil(quiet, "/verify", check)
		cancel()
		if err != nil {
			return nil, err
		}
		calm = append(calm, some...)
		busy, done := context.WithCancel(ctx)
		failed := make(chan error, 1)
		go func() {
			defer done()
			failed <- s.editOften(ctx, id, cookie.String(), round)
		}()
		some, err = s.askUntil(busy, "/verify", check)
		done()
		if edited := <-failed; err == nil {
			err = edited
		}
		if err != nil {
			return nil, err
		}
		loud = append(loud, some...)
	}
	p99 := func(all []time.Duration) float64 { return inMillis(quantile(all, 0.99)) }
	return []row{
		{fmt.Sprintf("GET /verify while a key with %d old secrets is edited %d times, p99", workspace.MaxOldSecrets,
			edits),
			fmt.Sprintf("%.3f ms, %.3f ms", p99(loud), p99(calm)), ratio(p99(loud), p99(calm)), "≤ 1.5"},
		{"the same, median", fmt.Sprintf("%.3f ms, %.3f ms", inMillis(median(loud)), inMillis(median(calm))),
			ratio(inMillis(median(loud)), inMillis(median(calm))), ""},
	}, nil
}

// editOften saves a key again and again, each time with other limits.
func (s *server) editOften(ctx context.Context, id, cookie string, round int) error {
	tick := time.NewTicker(editEvery)
	defer tick.Stop()
	for n := range edits / editRounds {
		form := url.Values{
			"name": {fmt.Sprintf("Edited %d-%d", round, n)}, "expires": {"keep"}, "access": {"restricted"},
			"scope": {fmt.Sprintf("invoices:%d-%d", round, n)}, "rate_limit": {fmt.Sprintf("%d/1m", 100+n)},
		}
		answer, err := s.postForm(ctx, "/settings/api-keys/"+id+"/edit", cookie, form)
		if err == nil && answer.location == "" {
			err = fmt.Errorf("edit %d of key %s was not saved: %.200s", n, id, answer.body)
		}
		if err != nil {
			return err
		}
		<-tick.C
	}
	return nil
}

// seedRotated adds a key that has been rotated as often as old secrets are
// kept, and returns its id.
func seedRotated(ctx context.Context, path string) (id string, err error) {
	db, err := store.Open(ctx, path)
	if err != nil {
		return "", err
	}
	defer db.Close()
	now := time.Now().AddDate(0, 0, -1)
	service := workspace.NewService(db, workspace.Config{Now: func() time.Time { return now }})
	w, err := service.OnlyWorkspace(ctx)
	if err != nil {
		return "", err
	}
	operator := workspace.Operator
	operator.WorkspaceID = w.ID
	key, _, err := service.AddKeyFor(ctx, operator, ownerEmail,
		workspace.NewKey{Name: "Rotated", Scopes: []string{"invoices:read"}})
	for n := 0; err == nil && n < workspace.MaxOldSecrets; n++ {
		now = now.Add(10 * time.Minute)
		_, _, err = service.RotateKey(ctx, operator, key.ID, "0", -1)
	}
	return key.ID, err
}
