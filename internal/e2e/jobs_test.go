package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/postgrestest"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// manyKeys is more than a job processes in the second that its page waits, with
// the race detector.
func manyKeys(database string) int {
	if store.IsPostgres(database) {
		return 600
	}
	return 500
}

// stocked is a workspace in which Sam has many keys.
type stocked struct {
	*store.Store
	workspaceID string
	sam         string // an id
	ids         []string
	secret      secret.Secret // of the last key
}

// stock gives Sam many keys.
func stock(t *testing.T, database string) *stocked {
	t.Helper()
	db, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w, err := db.Workspace(t.Context(), workspace.WorkspaceLookup{Slug: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	sam, err := db.User(t.Context(), workspace.UserLookup{Email: samEmail})
	if err != nil {
		t.Fatal(err)
	}
	s := &stocked{Store: db, workspaceID: w.ID, sam: sam.ID}
	err = db.Change(t.Context(), func(tx workspace.ChangeTx) error {
		for i := range manyKeys(database) {
			s.secret = secret.New(secret.DefaultPrefix)
			key := workspace.KeyOf(s.secret, time.Now().UTC().Truncate(time.Microsecond))
			key.WorkspaceID, key.OwnerID, key.CreatedBy, key.Name = w.ID, sam.ID, sam.ID, fmt.Sprint("Key ", i)
			s.ids = append(s.ids, key.ID)
			if err := tx.InsertKey(t.Context(), key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// revocations counts the revoked keys by the audit log, and reports keys that
// were revoked twice.
func (s *stocked) revocations(t *testing.T) int {
	t.Helper()
	seen := map[string]bool{}
	for after := ""; ; {
		events, err := s.Events(t.Context(), workspace.EventQuery{
			WorkspaceID: s.workspaceID, Action: workspace.ActionKeyRevoked, After: after, Limit: 1000,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if seen[e.TargetID] {
				t.Errorf("%s was revoked twice", e.TargetID)
			}
			seen[e.TargetID], after = true, e.ID
		}
		if len(events) < 1000 {
			return len(seen)
		}
	}
}

var jobProgress = regexp.MustCompile(`<progress [^>]*value="(\d+)"`)

// awaitJob returns the page of a job once the job is done.
func (c *client) awaitJob(page string) answer {
	c.t.Helper()
	var a answer
	for before := ""; !strings.Contains(a.body, ">Done<"); {
		eventually(c.t, "a step of the job", func() bool {
			a = c.want(c.get(page), http.StatusOK)
			found := jobProgress.FindStringSubmatch(a.body)
			further := found != nil && found[1] != before
			if further {
				before = found[1]
			}
			return further || strings.Contains(a.body, ">Done<")
		})
	}
	return a
}

// TestJobsGoOnAfterARestart ends the server in the middle of a job, by a kill
// and by a stop, for each kind of job and each engine.
func TestJobsGoOnAfterARestart(t *testing.T) {
	t.Parallel()
	remove := func(c *client, s *stocked) answer {
		return c.post("/settings/members/"+s.sam+"/remove", fields("keys", "revoke"))
	}
	revoke := func(c *client, s *stocked) answer {
		form := url.Values{"act": {"revoke"}, "number": {fmt.Sprint(len(s.ids))}, "key": s.ids}
		return c.post("/settings/api-keys/selected", form)
	}
	for _, c := range []struct {
		name     string
		database func(testing.TB) string
		begin    func(*client, *stocked) answer
		end      func(*server)
		stops    bool // the keys at once
	}{
		{"removal, killed, SQLite", sqliteFile, remove, (*server).kill, true},
		{"removal, stopped, PostgreSQL", postgrestest.URL, remove, (*server).stop, true},
		{"bulk action, killed, PostgreSQL", postgrestest.URL, revoke, (*server).kill, false},
		{"bulk action, stopped, SQLite", sqliteFile, revoke, (*server).stop, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			database := c.database(t)
			s := start(t, database)
			dana := s.setUp(t)
			s.addSam(t, "developer")
			keys := stock(t, database)
			eventually(t, "the keys to be known",
				func() bool { return s.verify(t, keys.secret.Reveal()).status == http.StatusNoContent })
			page := dana.want(c.begin(dana, keys), http.StatusSeeOther).location()
			if !strings.Contains(page, "/jobs/") {
				t.Fatalf("a long job leads to %s", page)
			}
			dana.want(dana.get(page), http.StatusOK, "Working")
			if a := s.verify(t, keys.secret.Reveal()); c.stops && a.status != http.StatusUnauthorized {
				t.Errorf("a removed member's key gets %d", a.status)
			}
			c.end(s)
			if n := keys.revocations(t); n == 0 || n == len(keys.ids) {
				t.Errorf("%d keys are revoked in the middle", n)
			}
			s = start(t, database)
			dana = s.signIn(t, danaEmail, danaPassword)
			dana.awaitJob(page)
			if n := keys.revocations(t); n != len(keys.ids) {
				t.Errorf("%d keys are revoked at the end", n)
			}
		})
	}
}
