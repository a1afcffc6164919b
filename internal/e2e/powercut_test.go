package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// halfWritten are queries that count rows of transactions that were only partly
// written.
var halfWritten = []string{
	`SELECT COUNT(*) FROM keys k
		WHERE (SELECT COUNT(*) FROM events e WHERE e.action = 'key.added' AND e.target_id = k.id) <> 1`,
	`SELECT COUNT(*) FROM events e
		WHERE e.action IN ('key.added', 'key.revoked') AND NOT EXISTS (SELECT 1 FROM keys k WHERE k.id = e.target_id)`,
	`SELECT COUNT(*) FROM keys k WHERE k.revoked_at IS NOT NULL
		AND (SELECT COUNT(*) FROM events e WHERE e.action = 'key.revoked' AND e.target_id = k.id) <> 1`,
	`SELECT COUNT(*) FROM events e JOIN keys k ON k.id = e.target_id
		WHERE e.action = 'key.revoked' AND k.revoked_at IS NULL`,
	`SELECT COUNT(*) FROM members m WHERE m.unrevoked_keys <>
		(SELECT COUNT(*) FROM keys k WHERE k.owner_id = m.user_id AND k.revoked_at IS NULL)`,
	`SELECT COUNT(*) FROM members m WHERE m.revoked_keys <>
		(SELECT COUNT(*) FROM keys k WHERE k.owner_id = m.user_id AND k.revoked_at IS NOT NULL)`,
}

func checkNothingHalfWritten(t testing.TB, database string) {
	t.Helper()
	for _, query := range halfWritten {
		if n := count(t, database, query); n != 0 {
			t.Errorf("%d of: %s", n, query)
		}
	}
	if r := keylodge(t, "", "check", "--db", database); r.code != 0 {
		t.Errorf("keylodge check: %s%s", r.out, r.err)
	}
	if !isPostgres(database) {
		if said := column(t, openDatabase(t, database), `PRAGMA integrity_check`); len(said) != 1 || said[0] != "ok" {
			t.Errorf("the file is damaged: %v", said)
		}
	}
}

// change posts a form. Unlike post it returns the error instead of failing the
// test.
func (c *client) change(path string, form url.Values) (answer, error) {
	return c.trySend(http.MethodPost, path, strings.NewReader(form.Encode()), "Content-Type",
		"application/x-www-form-urlencoded")
}

// TestPowerCutUnderLoad kills the program while eight clients add and revoke:
// each acknowledged change must be kept, and each other one be there wholly or
// not at all.
func TestPowerCutUnderLoad(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		dana := s.setUp(t)
		var mu sync.Mutex
		fate := map[string]int{} // by key: the status that a verification must get
		var done atomic.Int32
		enough := make(chan struct{})
		var clients sync.WaitGroup
		for c := range 8 {
			clients.Go(func() {
				for i := 0; ; i++ {
					added, err := dana.change("/settings/api-keys",
						keyForm(fmt.Sprint("key ", c, " ", i), fmt.Sprint(c, " ", i)))
					if err != nil {
						return
					}
					key := keyShape.FindString(added.body)
					mu.Lock()
					fate[key] = http.StatusNoContent
					mu.Unlock()
					if done.Add(1) == 100 {
						close(enough)
					}
					if i%2 == 1 {
						continue
					}
					who, err := dana.trySend(http.MethodGet, "/verify", nil, "Authorization", "Bearer "+key)
					for err == nil && who.status == http.StatusServiceUnavailable { // currency not proven
						who, err = dana.trySend(http.MethodGet, "/verify", nil, "Authorization", "Bearer "+key)
					}
					if err != nil {
						return
					}
					mu.Lock()
					delete(fate, key) // until it is acknowledged, either is right
					mu.Unlock()
					id := who.header.Get("X-Keylodge-Key-Id")
					revoked, err := dana.change("/settings/api-keys/"+id+"/revoke", nil)
					if err != nil {
						return
					}
					if added.status != http.StatusCreated || who.status != http.StatusNoContent ||
						revoked.status != http.StatusSeeOther {
						t.Errorf("adding, asking and revoking get %d, %d and %d", added.status, who.status,
							revoked.status)
						return
					}
					mu.Lock()
					fate[key] = http.StatusUnauthorized
					mu.Unlock()
				}
			})
		}
		over := make(chan struct{})
		go func() { clients.Wait(); close(over) }()
		select {
		case <-enough:
		case <-over:
		}
		s.kill()
		<-over

		again := start(t, database)
		seen := map[int]int{}
		for key, want := range fate {
			if got := again.verify(t, key).status; got != want {
				t.Errorf("a key gets %d instead of %d", got, want)
			}
			seen[want]++
		}
		if seen[http.StatusNoContent] == 0 || seen[http.StatusUnauthorized] == 0 {
			t.Errorf("this tested nothing: %v", seen)
		}
		checkNothingHalfWritten(t, database)
		again.signIn(t, danaEmail, danaPassword).addKey("after")
	})
}
