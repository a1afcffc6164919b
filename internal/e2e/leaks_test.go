package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/smtptest"
)

// github is a scanner of repositories. It signs its reports and publishes the
// public key.
type github struct {
	url    string
	secret *ecdsa.PrivateKey
}

func newGitHub(t testing.TB) github {
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(secret.Public())
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"public_keys": []map[string]any{
		{
			"key_identifier": "one",
			"key":            string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
			"is_current":     true,
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(body) }))
	t.Cleanup(server.Close)
	return github{server.URL, secret}
}

// report sends a signed report.
func (g github) report(t testing.TB, c *client, body string) answer {
	t.Helper()
	digest := sha256.Sum256([]byte(body))
	signature, err := ecdsa.SignASN1(rand.Reader, g.secret, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return c.send(http.MethodPost, "/api/v1/leaks", strings.NewReader(body), "Content-Type", "application/json",
		"Github-Public-Key-Identifier", "one", "Github-Public-Key-Signature",
		base64.StdEncoding.EncodeToString(signature))
}

const foundAt = "https://github.com/acme/site/blob/main/.env"

// found returns the report of some texts.
func found(t testing.TB, texts ...string) string {
	t.Helper()
	report := []map[string]string{}
	for _, text := range texts {
		report = append(report,
			map[string]string{"token": text, "type": "keylodge_api_key", "url": foundAt, "source": "content"})
	}
	body, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestLeaksThatGitHubReports revokes leaked keys of two workspaces and notifies
// the users concerned.
func TestLeaksThatGitHubReports(t *testing.T) {
	t.Parallel()
	database := sqliteFile(t)
	post, hub := smtptest.New(t), newGitHub(t)
	s := start(t, database, "--leak-keys-url", hub.url, "--smtp-url", post.URL)
	s.setUp(t)
	s.addBeta(t)
	s.keylodgeReading(t, linaPassword+"\n", "user", "create", "--workspace", "acme", "--email", linaEmail, "--role",
		"developer", "--password-stdin")
	dana := s.signInAt(t, "acme", danaEmail, danaPassword)
	lina := s.signInAt(t, "acme", linaEmail, linaPassword)
	ben := s.signInAt(t, "beta", benEmail, benPassword)
	kept, leaked, hers, other := dana.addKey("kept"), dana.addKey("leaked"), lina.addKey("hers"), ben.addKey("other")
	unknown := leaked[:len(leaked)-1] + "!"
	outside := s.newClient(t)
	a := outside.want(hub.report(t, outside, found(t, leaked, "nothing", unknown, hers, other)), http.StatusOK)
	var feedback []map[string]string
	if err := json.Unmarshal([]byte(a.body), &feedback); err != nil || len(feedback) != 5 {
		t.Fatalf("%v: %s", err, a.body)
	}
	for i, text := range []string{leaked, "nothing", unknown, hers, other} {
		digest := sha256.Sum256([]byte(text))
		want := "true_positive"
		if i == 1 || i == 2 {
			want = "false_positive"
		}
		if f := feedback[i]; f["token_hash"] != hex.EncodeToString(digest[:]) ||
			f["token_type"] != "keylodge_api_key" ||
			f["label"] != want {
			t.Errorf("feedback %d is %v", i, f)
		}
	}
	for _, key := range []string{leaked, hers, other} {
		if got := s.verify(t, key).status; got != http.StatusUnauthorized {
			t.Errorf("a leaked key gets %d", got)
		}
	}
	if got := s.verify(t, kept).status; got != http.StatusNoContent {
		t.Errorf("the other key gets %d", got)
	}
	sent := map[string][]string{} // texts by recipient
	for n := range 4 {            // two to Dana, one to Lina, one to Ben
		m := post.Wait(t, n+1)
		sent[m.To] = append(sent[m.To], m.Text)
		if m.Subject != "An API key has leaked and was revoked" || !strings.Contains(m.Text, foundAt) ||
			!regexp.MustCompile(`http://(acme|beta)\.\S+/settings/api-keys/key_\w+`).MatchString(m.Text) {
			t.Errorf("the message is %+v", m)
		}
	}
	if len(sent[danaEmail]) != 2 || len(sent[linaEmail]) != 1 || len(sent[benEmail]) != 1 ||
		!strings.Contains(sent[linaEmail][0], "“hers”") {
		t.Errorf("messages: %v", sent)
	}
	dana.want(dana.get("/settings/api-keys?state=revoked"), http.StatusOK, "leaked", "A leak report")
	dana.want(dana.get("/settings/audit-log?action=key.revoked"), http.StatusOK, "A leak report", "GitHub", foundAt)
	page := "/settings/api-keys/" + dana.idIn("/settings/api-keys?state=revoked&q=leaked", "key_")
	dana.want(dana.get(page), http.StatusOK, "A key that may be in the wrong hands can’t be brought back.")

	again := outside.want(hub.report(t, outside, found(t, leaked)), http.StatusOK, "true_positive")
	if n := count(t, database, `SELECT COUNT(*) FROM events WHERE action = 'key.revoked'`); n != 3 ||
		len(post.Messages()) != 4 {
		t.Errorf("%d rows of the audit trail and %d messages after %s", n, len(post.Messages()), again.body)
	}
}

// TestReportsThatAreNotGitHubs refuses reports that are unsigned or signed by
// others.
func TestReportsThatAreNotGitHubs(t *testing.T) {
	t.Parallel()
	hub, stranger := newGitHub(t), newGitHub(t)
	s := start(t, sqliteFile(t), "--leak-keys-url", hub.url, "--failure-limit", "3/1m")
	dana := s.setUp(t)
	key := dana.addKey("CI")
	outside := s.newClient(t)
	outside.want(outside.send(http.MethodPost, "/api/v1/leaks", strings.NewReader(found(t, key)), "Content-Type",
		"application/json"), http.StatusUnauthorized)
	outside.want(stranger.report(t, outside, found(t, key)), http.StatusUnauthorized, "not signed by a key of GitHub’s")
	outside.want(hub.report(t, outside, `[{"token":1}]`), http.StatusUnprocessableEntity, "body[0].token")
	outside.want(hub.report(t, outside, `{"token":"x"}`), http.StatusUnprocessableEntity, "This must be an array.")
	outside.want(hub.report(t, outside, `[`), http.StatusBadRequest)
	outside.want(hub.report(t, outside, `[] []`), http.StatusBadRequest)
	outside.want(hub.report(t, outside, "["+strings.Repeat(`{"token":"x"},`, 1000)+`{"token":"x"}]`),
		http.StatusUnprocessableEntity, "at most 1000")
	outside.want(hub.report(t, outside, `[]`), http.StatusOK)
	if got := s.verify(t, key).status; got != http.StatusNoContent {
		t.Errorf("the key gets %d", got)
	}
	for range 3 {
		stranger.report(t, outside, found(t, key))
	}
	outside.want(stranger.report(t, outside, found(t, key)), http.StatusTooManyRequests)
	outside.want(hub.report(t, outside, found(t, key)), http.StatusOK, "true_positive")

	gone := httptest.NewServer(nil)
	gone.Close()
	far := start(t, s.database, "--leak-keys-url", gone.URL)
	outside.want(hub.report(t, far.newClient(t), found(t, key)), http.StatusServiceUnavailable)
}

// TestPlainReportsOfLeaks lets a program report leaked keys with its own key.
func TestPlainReportsOfLeaks(t *testing.T) {
	t.Parallel()
	database := sqliteFile(t)
	s := start(t, database)
	s.setUp(t)
	s.addBeta(t)
	dana, ben := s.signInAt(t, "acme", danaEmail, danaPassword), s.signInAt(t, "beta", benEmail, benPassword)
	caller, undone, rotated := dana.addKey("scanner"), dana.addKey("undone"), dana.addKey("rotated")
	foreign := ben.addKey("foreign")
	report := func(body string) answer { return dana.postJSON("/api/v1/leaks", caller, body) }
	quoted := func(keys ...string) string {
		return `{"keys":["` + strings.Join(keys, `","`) + `"],"url":"` + foundAt + `?key=` + caller + `"}`
	}
	dana.want(report(quoted(foreign, "nothing")), http.StatusOK, `"found":true`, `"revoked":true`,
		`"found":false,"key_id":"","revoked":false`)
	if got := s.verify(t, foreign).status; got != http.StatusUnauthorized {
		t.Errorf("the key of another workspace gets %d", got)
	}
	ben.want(ben.get("/settings/audit-log?action=key.revoked"), http.StatusOK, "A leak report", "[redacted]")

	// A revocation that could be undone is for good once the key has
	// leaked.
	id := dana.keyID("undone")
	dana.revoke(id)
	dana.want(report(quoted(undone)), http.StatusOK, `"revoked":true`)
	dana.want(dana.post("/settings/api-keys/"+id+"/restore", fields()), http.StatusConflict)

	// A secret that has ended takes nothing with it; one that has not takes
	// the key.
	id = dana.keyID("rotated")
	fresh := dana.keyIn(dana.want(dana.post("/settings/api-keys/"+id+"/rotate", fields("overlap", "0", "from", "0")),
		http.StatusCreated))
	dana.want(report(quoted(rotated)), http.StatusOK, `"found":true`, `"revoked":false`)
	if got := s.verify(t, fresh).status; got != http.StatusNoContent {
		t.Errorf("the new secret gets %d", got)
	}
	newer := dana.keyIn(dana.want(dana.post("/settings/api-keys/"+id+"/rotate", fields("overlap", "1h", "from", "1")),
		http.StatusCreated))
	dana.want(report(quoted(fresh)), http.StatusOK, `"revoked":true`)
	if got := s.verify(t, newer).status; got != http.StatusUnauthorized {
		t.Errorf("the key with the leaked secret gets %d", got)
	}

	for body, status := range map[string]int{`{}`: 422, `{"keys":[]}`: 422, `{"keys":[1]}`: 422,
		`{"keys":["x"],"other":1}`: 422, `{"keys":["x"]} {}`: 400, `[]`: 422, `{"keys":["x"],"keys":["y"]}`: 400} {
		dana.want(report(body), status)
	}
	dana.want(dana.postJSON("/api/v1/leaks", rotated, quoted(caller)), http.StatusUnauthorized)
	dana.want(report(quoted(caller)), http.StatusOK, `"revoked":true`) // itself
	dana.want(report(quoted(caller)), http.StatusUnauthorized)
}
