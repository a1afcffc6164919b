package e2e

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// converse sends bytes over a new connection and returns the response, which
// must come while the connection is still open for more.
func (s *server) converse(t testing.TB, request string) answer {
	t.Helper()
	connection, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(timeout))
	if _, err := io.WriteString(connection, request); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.Close {
		response.Header.Set("Connection", "close")
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

// cookies returns the browser's Cookie header, for requests written by hand.
func (c *client) cookies() string {
	u, err := url.Parse(c.base)
	if err != nil {
		c.t.Fatal(err)
	}
	var all []string
	for _, cookie := range c.jar.Cookies(u) {
		all = append(all, cookie.Name+"="+cookie.Value)
	}
	return strings.Join(all, "; ")
}

// TestBodyThatIsTooLarge sends only the beginning of a body whose length is
// declared: the response must come before the rest. A chunked body must be
// refused without reading more.
func TestBodyThatIsTooLarge(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	dana.addKey("stays")
	id := dana.keyID("stays")
	for _, route := range postRoutes {
		cookies := dana.cookies()
		if route == "/sign-out" {
			cookies = s.signIn(t, danaEmail, danaPassword).cookies() // a session to end
		}
		head := "POST " + strings.Replace(route, "ID", id, 1) + " HTTP/1.1\r\nHost: localhost\r\n" +
			"Content-Type: application/x-www-form-urlencoded\r\nCookie: " + cookies + "\r\n"
		for name, request := range map[string]string{
			"with its length": head + "Content-Length: 10485760\r\n\r\nname=",
			"one byte over":   head + fmt.Sprintf("Content-Length: %d\r\n\r\nname=", limit+1),
			"in chunks": head + "Transfer-Encoding: chunked\r\n\r\n" +
				fmt.Sprintf("%x\r\nname=%s\r\n", limit+1+5, strings.Repeat("x", limit+1)) + "0\r\n\r\n",
		} {
			t.Run(route+" "+name, func(t *testing.T) {
				a := s.converse(t, request)
				dana.in(t).want(a, http.StatusRequestEntityTooLarge, "at most 1 MiB")
				if a.header.Get("Connection") != "close" {
					t.Error("the server would read on: it does not close the connection")
				}
			})
		}
	}
	dana.want(dana.get("/settings/api-keys"), http.StatusOK, "stays")
	for query, want := range map[string]int{
		`SELECT COUNT(*) FROM keys`:                              1,
		`SELECT COUNT(*) FROM keys WHERE revoked_at IS NOT NULL`: 0,
		`SELECT COUNT(*) FROM sessions`:                          2,
	} {
		if n := count(t, s.database, query); n != want {
			t.Errorf("%s: %d instead of %d", query, n, want)
		}
	}
	name := strings.Repeat("x", limit-len("name=&nonce=n")) // exactly the limit
	dana.want(dana.post("/settings/api-keys", fields("name", name, "nonce", "n")), http.StatusUnprocessableEntity,
		"at most 100")
}

// TestBodyThatIsNoForm sends other content types. It leaves out /sign-out,
// which needs no body.
func TestBodyThatIsNoForm(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	dana.addKey("stays")
	id := dana.keyID("stays")
	before := rows(t, s.database)
	for _, route := range postRoutes {
		if route == "/sign-out" {
			continue
		}
		for kind, body := range map[string]string{
			"":                 "name=x&nonce=y",
			"text/plain":       "name=x&nonce=y",
			"application/json": `{"name":"x","nonce":"y"}`,
			"application/xml":  `<name>x</name>`,
			"multipart/form-data; boundary=b": strings.ReplaceAll(
				`--b|Content-Disposition: form-data; name="nonce"||y|--b--|`, "|", "\r\n"),
			"application/x-www-form-urlencoded, text/plain": "name=x&nonce=y",
		} {
			t.Run(route+" "+kind, func(t *testing.T) {
				a := dana.in(t).send(http.MethodPost, strings.Replace(route, "ID", id, 1), strings.NewReader(body),
					"Content-Type", kind)
				dana.in(t).want(a, http.StatusUnsupportedMediaType, "Send application/x-www-form-urlencoded.")
			})
		}
		a := dana.send(http.MethodPost, strings.Replace(route, "ID", id, 1), strings.NewReader("name=%zz&nonce=y"),
			"Content-Type", "application/x-www-form-urlencoded")
		dana.want(a, http.StatusBadRequest)
	}
	if after := rows(t, s.database); !maps.Equal(before, after) {
		t.Errorf("before %v, after %v", before, after)
	}
}

// TestOnlyTheBodyIsTheForm sends form fields in the URL's query, and the path's
// ID in the body: neither may stand in for the other.
func TestOnlyTheBodyIsTheForm(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	query := "?" + keyForm("by the address", "n").Encode()
	dana.want(dana.post("/settings/api-keys"+query, nil), http.StatusUnprocessableEntity)
	stranger := s.newClient(t)
	query = "?" + fields("email", danaEmail, "password", danaPassword).Encode()
	stranger.want(stranger.post("/sign-in"+query, nil), http.StatusUnprocessableEntity)
	stranger.want(stranger.get("/sign-in"+query), http.StatusOK)
	stranger.want(stranger.get("/settings/api-keys"), http.StatusSeeOther)

	one, two := dana.addKey("one"), dana.addKey("two")
	ids := dana.keyIDs()
	form := fields("id", ids["two"], "ID", ids["two"], "key_id", ids["two"], ":id", ids["two"], "_method", "GET")
	dana.want(dana.post("/settings/api-keys/"+ids["one"]+"/revoke?id="+ids["two"], form), http.StatusSeeOther)
	a, b := s.verify(t, one).status, s.verify(t, two).status
	if a != http.StatusUnauthorized || b != http.StatusNoContent {
		t.Errorf("the key of the path gets %d, that of the body %d", a, b)
	}
	for _, path := range []string{
		"/settings/api-keys/" + ids["two"] + "/revoke?confirm=1&_method=POST",
		"/sign-out",
		"/settings/api-keys?_method=POST&name=x&nonce=y",
	} {
		dana.get(path, "X-HTTP-Method-Override", "POST") // a GET changes nothing
	}
	if s.verify(t, two).status != http.StatusNoContent || count(t, s.database, `SELECT COUNT(*) FROM keys`) != 2 {
		t.Error("a GET did something")
	}
	dana.want(dana.get("/settings/api-keys"), http.StatusOK)
}

// TestOwnerIsWhoIsSignedIn tests against CVE-2025-61928, where the owner of a
// key was read from the request's body.
func TestOwnerIsWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	s.setUp(t)
	s.addBeta(t)
	s.addSam(t, "developer")
	db := openDatabase(t, s.database)
	danaID := column(t, db, `SELECT id FROM users WHERE email = '`+danaEmail+`'`)[0]
	betaID := column(t, db, `SELECT id FROM workspaces WHERE slug = 'beta'`)[0]
	samID := column(t, db, `SELECT id FROM users WHERE email = '`+samEmail+`'`)[0]
	sam := s.signInAt(t, "acme", samEmail, samPassword)
	form := keyForm("mine", "n")
	asked := keyForm("hers", "m")
	asked.Set("owner", danaID) // a real field, for roles that may choose the owner
	sam.want(sam.post("/settings/api-keys", asked), http.StatusForbidden)
	for _, name := range []string{
		"owner_id", "ownerId", "OwnerID", "user", "user_id", "userId", "created_by", "CreatedBy", "actor",
	} {
		form.Set(name, danaID)
	}
	for _, name := range []string{"workspace", "workspace_id", "workspaceId", "WorkspaceID"} {
		form.Set(name, betaID)
	}
	for name, value := range map[string]string{
		"role": "owner", "Role": "owner", "id": unknownKey, "ID": unknownKey,
		"digest": strings.Repeat("0", 64), "hint": "kl_0000…0000", "created_at": "0", "revoked_at": "1",
		"Scope": "*", "scopes": "*", "algorithm": "none", "key": "kl_chosen", "prefix": "xx",
	} {
		form.Set(name, value)
	}
	a := sam.want(sam.post("/settings/api-keys", form), http.StatusCreated)
	id := sam.keyID("mine")
	who := s.verify(t, sam.keyIn(a))
	for name, want := range map[string]string{"User": samID, "Role": "developer", "Workspace": "acme", "Key-Id": id} {
		if got := who.header.Get("X-Keylodge-" + name); got != want {
			t.Errorf("%s is %q instead of %q", name, got, want)
		}
	}
	if id == unknownKey || strings.Contains(a.body, "0000…0000") {
		t.Error("the body chose the key's id or hint")
	}
	query := `SELECT COUNT(*) FROM keys
		WHERE owner_id = $1 AND created_by = $1 AND revoked_at IS NULL AND algorithm = 'sha256'`
	if n := count(t, s.database, query, samID); n != 1 {
		t.Errorf("%d keys are Sam’s", n)
	}
}
