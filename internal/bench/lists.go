package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

const (
	listKeys   = 100_000
	shortList  = 100
	listEvents = 1_000_000
	listRounds = 25

	seededEvery = 4 * time.Minute // between two keys of a seeded list
)

// listPages are the pages whose cost must not grow with the keys, or must stay
// below 50 ms.
var listPages = []struct{ what, path string }{
	{"list", "/settings/api-keys"},
	{"second page", "/settings/api-keys?NEXT"},
	{"by name", "/settings/api-keys?sort=name"},
	{"by owner", "/settings/api-keys?sort=owner"},
	{"oldest first", "/settings/api-keys?sort=-created"},
	{"by last use", "/settings/api-keys?sort=-used"},
	{"by expiry", "/settings/api-keys?sort=expires"},
	{"full access", "/settings/api-keys?access=full"},
	{"unused for 90 days", "/settings/api-keys?unused=90"},
	{"never used", "/settings/api-keys?unused=ever"},
	{"expiring in 14 days", "/settings/api-keys?expiring=14"},
	{"without a second factor", "/settings/api-keys?weak=owners"},
	{"expired", "/settings/api-keys?state=expired"},
	{"revoked", "/settings/api-keys?state=revoked"},
	{"search that finds many", "/settings/api-keys?q=key"},
	{"search that finds one", "/settings/api-keys?q=key+77"},
	{"search that finds none", "/settings/api-keys?q=nowhere"},
	{"a key's page", "/settings/api-keys/KEY"},
	{"overview", "/"},
	{"audit log", "/settings/audit-log"},
	{"audit log, one action", "/settings/audit-log?action=key.revoked"},
	{"audit log, one day", "/settings/audit-log?from=2026-01-05&to=2026-01-05"},
}

// measureLists compares pages of a workspace with many keys and events to those
// of one with few.
func measureLists(ctx context.Context, b *bench) ([]row, error) {
	var servers [2]*server
	var cookies, ids [2]string
	var secret string
	for i, n := range []int{listKeys, shortList} {
		path := filepath.Join(b.folder, fmt.Sprintf("list-%d.db", n))
		var err error
		var one string
		if ids[i], one, err = seedList(ctx, path, n, n*(listEvents/listKeys)); err != nil {
			return nil, err
		}
		if i == 0 {
			secret = one
		}
		if servers[i], err = b.keylodge(ctx, path); err != nil {
			return nil, err
		}
		defer servers[i].stop()
		cookie, err := servers[i].signIn()
		if err != nil {
			return nil, err
		}
		cookies[i] = cookie.String()
	}
	var rows []row
	for _, page := range listPages {
		var took [2][]time.Duration
		for round := range listRounds {
			for i, s := range servers {
				path := strings.Replace(page.path, "KEY", ids[i], 1)
				next := workspace.KeyCursor{At: time.Now().UTC(), ID: ids[i]}
				path = strings.Replace(path, "NEXT", "after="+url.QueryEscape(next.String()), 1)
				one, err := s.timed(ctx, path, cookies[i])
				if err != nil {
					return nil, err
				}
				if round > 2 { // once its caches are warm
					took[i] = append(took[i], one)
				}
			}
		}
		large, small := inMillis(median(took[0])), inMillis(median(took[1]))
		rows = append(rows, row{
			fmt.Sprintf("%s: %d keys against %d", page.what, listKeys, shortList),
			fmt.Sprintf("%.2f ms, %.2f ms", large, small), ratio(large, small), "≤ 1.5, or ≤ 50 ms",
		})
	}
	bulk, err := servers[0].costOfBulk(ctx, cookies[0], secret)
	return append(rows, bulk...), err
}

func (s *server) timed(ctx context.Context, path, cookie string) (time.Duration, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Cookie", cookie)
	began := time.Now()
	status, err := answerOf(http.DefaultClient, r)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s got %d", path, status)
	}
	return time.Since(began), err
}

// costOfBulk revokes many keys at once, and compares verifications of another
// key meanwhile to those before.
func (s *server) costOfBulk(ctx context.Context, cookie, secret string) ([]row, error) {
	check := http.Header{"Authorization": {"Bearer " + secret}}
	quiet, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	before, err := s.askUntil(quiet, "/verify", check)
	if err != nil {
		return nil, err
	}
	busy, done := context.WithCancel(ctx)
	var took time.Duration
	var keys string
	failed := make(chan error, 1)
	go func() {
		defer done()
		began := time.Now()
		var err error
		keys, err = s.revokeMany(ctx, cookie)
		took = time.Since(began)
		failed <- err
	}()
	during, err := s.askUntil(busy, "/verify", check)
	if err == nil {
		err = <-failed
	}
	if err != nil {
		return nil, err
	}
	return []row{
		{fmt.Sprintf("revoke %s keys at once", keys), fmt.Sprintf("%.1f s", took.Seconds()), "", "≤ 10 s"},
		durations{"GET /verify meanwhile", during, before}.p99("≤ 2"),
		durations{"GET /verify meanwhile", during, before}.median(""),
	}, nil
}

// revokeMany revokes what a search finds, as many keys as the page that asks
// names, and waits until the page of the job says that it is done.
func (s *server) revokeMany(ctx context.Context, cookie string) (keys string, err error) {
	form := url.Values{"act": {"revoke"}, "all": {"yes"}, "q": {"key 1"}, "access": {"restricted"}, "sure": {"yes"}}
	confirmation, err := s.postForm(ctx, "/settings/api-keys/selected", cookie, form)
	if err != nil {
		return "", err
	}
	_, after, _ := strings.Cut(confirmation.body, `name="number" value="`)
	keys, _, _ = strings.Cut(after, `"`)
	form.Set("number", keys)
	answer, err := s.postForm(ctx, "/settings/api-keys/selected", cookie, form)
	if err == nil && answer.location == "" {
		err = fmt.Errorf("revoking %s keys did not redirect to a job", keys)
	}
	for err == nil {
		var page posted
		if page, err = s.page(ctx, answer.location, cookie); strings.Contains(page.body, ">Done<") {
			return keys, nil
		}
		time.Sleep(500 * time.Millisecond)
	}
	return keys, err
}

// posted is what a page answers.
type posted struct{ body, location string }

func (s *server) postForm(ctx context.Context, path, cookie string, form url.Values) (posted, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		return posted{}, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return pageOf(r, cookie)
}

func (s *server) page(ctx context.Context, path, cookie string) (posted, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return posted{}, err
	}
	return pageOf(r, cookie)
}

func pageOf(r *http.Request, cookie string) (posted, error) {
	r.Header.Set("Cookie", cookie)
	client := &http.Client{CheckRedirect: keepRedirect}
	answer, err := client.Do(r)
	if err != nil {
		return posted{}, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return posted{string(body), answer.Header.Get("Location")}, err
}

// seedList makes a workspace with keys of many sorts and of 20 owners, and
// events, and returns the id and the secret of its last live key.
func seedList(ctx context.Context, path string, keys, events int) (id, lastSecret string, err error) {
	db, err := store.Open(ctx, path)
	if err != nil {
		return "", "", err
	}
	defer db.Close()
	if _, err := db.Migrate(ctx); err != nil {
		return "", "", err
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	began := now.Add(-time.Duration(keys)*seededEvery).AddDate(0, 0, -2)
	service := workspace.NewService(db, workspace.Config{Now: at(began)})
	w, owner, err := addAcme(ctx, service)
	if err != nil {
		return "", "", err
	}
	operator := workspace.Operator
	operator.WorkspaceID = w.ID
	owners := []string{owner.UserID}
	for i := range 19 {
		email := fmt.Sprintf("person-%d@acme.example", i)
		m, err := service.AddMember(ctx, operator, fmt.Sprint("Person ", i), email, "", workspace.RoleDeveloper)
		if err != nil {
			return "", "", err
		}
		owners = append(owners, m.UserID)
	}
	for done := 0; done < keys; done += 5000 {
		batch := workspace.UsageBatch{ID: workspace.NewBatchID(now), At: now}
		err := db.Change(ctx, func(tx workspace.ChangeTx) error {
			for i := done; i < min(done+5000, keys); i++ {
				made := secret.New(secret.DefaultPrefix)
				key := workspace.KeyOf(made, now.Add(time.Duration(i-keys)*seededEvery))
				key.WorkspaceID, key.OwnerID, key.CreatedBy = w.ID, owners[i%len(owners)], owner.UserID
				key.Name = fmt.Sprint("Key ", i)
				if i%4 != 0 {
					key.Limits.Scopes = []string{"invoices:read"}
				}
				if i%3 == 0 {
					key.ExpiresAt = now.AddDate(0, 0, i%400-20)
				}
				if i%20 == 0 {
					key.RevokedAt = now
				}
				if i%5 != 0 {
					batch.Uses = append(batch.Uses, workspace.KeyUse{KeyID: key.ID, Use: workspace.Use{
						At: now.AddDate(0, 0, -(i % 180)), IP: netip.MustParseAddr("192.0.2.1"), Agent: "curl",
					}})
				}
				if i%20 != 0 && i%3 != 0 {
					id, lastSecret = key.ID, made.Reveal()
				}
				if err := tx.InsertKey(ctx, key); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return "", "", err
		}
		if err := db.RecordUsage(ctx, batch); err != nil {
			return "", "", err
		}
	}
	return id, lastSecret, seedEvents(ctx, db, w, owner, events)
}

func seedEvents(ctx context.Context, db *store.Store, w workspace.Workspace, owner workspace.Member, n int) error {
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	actions := []workspace.Action{
		workspace.ActionSignedIn, workspace.ActionKeyAdded, workspace.ActionKeyRevoked, workspace.ActionKeyEdited,
	}
	for done := 0; done < n; done += 10_000 {
		err := db.Update(ctx, func(tx workspace.Tx) error {
			for i := done; i < min(done+10_000, n); i++ {
				err := tx.InsertEvent(ctx, workspace.Event{
					ID: fmt.Sprintf("evt_%020d", i), WorkspaceID: w.ID,
					At:        began.Add(time.Duration(i) * 20 * time.Second),
					ActorKind: workspace.ActorPerson, ActorID: owner.UserID, Action: actions[i%len(actions)],
					TargetID: owner.UserID, IP: "192.0.2.1", RequestID: "bench",
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
