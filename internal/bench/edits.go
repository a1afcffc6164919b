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

// measureEdits edits a key that has as many old secrets as are kept, and
// compares verifications of another key meanwhile to those in between.
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
	var quiet, busy []time.Duration
	for round := range editRounds {
		pause, cancel := context.WithTimeout(ctx, edits/editRounds*editEvery)
		some, err := s.askUntil(pause, "/verify", check)
		cancel()
		if err != nil {
			return nil, err
		}
		quiet = append(quiet, some...)
		editing, done := context.WithCancel(ctx)
		failed := make(chan error, 1)
		go func() {
			defer done()
			failed <- s.editOften(ctx, id, cookie.String(), round)
		}()
		some, err = s.askUntil(editing, "/verify", check)
		done()
		if edited := <-failed; err == nil {
			err = edited
		}
		if err != nil {
			return nil, err
		}
		busy = append(busy, some...)
	}
	what := fmt.Sprintf("GET /verify while a key with %d old secrets is edited %d times",
		workspace.MaxOldSecrets, edits)
	return []row{
		durations{what, busy, quiet}.p99("≤ 1.5"),
		durations{what, busy, quiet}.median(""),
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
			err = fmt.Errorf("edit %d of key %s was not saved: %s", n, id, answer.body)
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
	now := time.Now().AddDate(0, 0, -1) // rotations are limited by the hour
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
		_, _, err = service.RotateKey(ctx, operator, workspace.KeyRotation{KeyID: key.ID, Overlap: "0"})
	}
	return key.ID, err
}
