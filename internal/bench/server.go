package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// server is a running program.
type server struct {
	url  string
	stop func()
	pid  int
}

// keylodge runs the program on a database.
func (b *bench) keylodge(ctx context.Context, db string, flags ...string) (*server, error) {
	args := append([]string{"serve", "--addr", "127.0.0.1:0", "--db", db, "--log-level", "error"}, flags...)
	return startServer(ctx, exec.CommandContext(ctx, b.program, args...))
}

// baseline runs Echo handlers that look nothing up: /empty only answers 204,
// the others write what each endpoint for verifications does.
func (b *bench) baseline(ctx context.Context) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return startServer(ctx, exec.CommandContext(ctx, self, "baseline", "127.0.0.1:0"))
}

// pair runs the program on a database, and the baseline beside it.
func (b *bench) pair(ctx context.Context, database string) (ours, bare *server, stop func(), err error) {
	if ours, err = b.keylodge(ctx, database); err != nil {
		return nil, nil, nil, err
	}
	if bare, err = b.baseline(ctx); err != nil {
		ours.stop()
		return nil, nil, nil, err
	}
	return ours, bare, func() { bare.stop(); ours.stop() }, nil
}

// verifyHeaders are as many and as long as those of an accepted key.
var verifyHeaders = map[string]string{
	"Cache-Control": "no-store", "X-Keylodge-Workspace": "acme", "X-Keylodge-User": "usr_06h0e91v5kuis4idthv0",
	"X-Keylodge-Role": "owner", "X-Keylodge-Scopes": "", "X-Keylodge-Key-Id": "key_06h0e91v9430fsvmg3v0",
	"X-Keylodge-Key-Name": "Key 12345",
}

// apiHeaders are as many and as long as those of an answer in JSON.
var apiHeaders = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
		"font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; " +
		"frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types default",
	"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
	"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control": "no-store",
	"Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), " +
		"publickey-credentials-get=(self), publickey-credentials-create=(self), clipboard-write=(self)",
}

const (
	verifyBody = `{"valid":true,"code":"valid","key":{"id":"key_06h0e91v9430fsvmg3v0","name":"Key 12345",` +
		`"workspace":"acme","owner_id":"usr_06h0e91v5kuis4idthv0","role":"owner","scopes":null,` +
		`"expires_at":null}}` + "\n"
	introspectionBody = `{"active":true,"token_type":"Bearer","iss":"http://localhost:18080",` +
		`"sub":"usr_06h0fmioi0gv12kbnph0","jti":"key_06h0fmionoi76flv47og","client_id":"key_06h0fmionoi76flv47og",` +
		`"iat":1795428079,"key_name":"Key 12345","role":"owner","workspace":"acme"}`
)

// serveBaseline is the baseline's process.
func serveBaseline(addr string) {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.GET("/empty", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
	e.GET("/headers", func(c echo.Context) error {
		setAll(c, verifyHeaders)
		return c.NoContent(http.StatusNoContent)
	})
	for path, body := range map[string]string{"/json": verifyBody, "/introspection": introspectionBody} {
		e.POST(path, func(c echo.Context) error {
			if _, err := io.Copy(io.Discard, c.Request().Body); err != nil {
				return err
			}
			setAll(c, apiHeaders)
			return c.JSONBlob(http.StatusOK, []byte(body))
		})
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("http://localhost:%d\n", listener.Addr().(*net.TCPAddr).Port)
	e.Listener = listener
	// The program has the same timeouts.
	e.Server.ReadTimeout, e.Server.WriteTimeout, e.Server.IdleTimeout = 15*time.Second, 30*time.Second, 2*time.Minute
	e.Start("")
}

func setAll(c echo.Context, headers map[string]string) {
	h := c.Response().Header()
	for name, value := range headers {
		h.Set(name, value)
	}
}

// startServer waits for the first line, which has the URL.
func startServer(ctx context.Context, cmd *exec.Cmd) (*server, error) {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop := func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	at := strings.Index(line, "http://")
	if err != nil || at < 0 {
		stop()
		return nil, fmt.Errorf("%s did not start: %q %v", cmd.Path, line, err)
	}
	u, err := url.Parse(strings.TrimSpace(line[at:]))
	if err != nil {
		stop()
		return nil, err
	}
	return &server{url: "http://127.0.0.1:" + u.Port(), stop: stop, pid: cmd.Process.Pid}, nil
}

// verify verifies a secret.
func (s *server) verify(secret string) (status int, err error) {
	r, err := http.NewRequest(http.MethodGet, s.url+"/verify", nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	return answerOf(http.DefaultClient, r)
}

// answerOf reads an answer to its end, and returns its status.
func answerOf(client *http.Client, r *http.Request) (status int, err error) {
	answer, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}

// keepRedirect makes a client return a redirect instead of following it.
func keepRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// signIn returns the cookie of a new session.
func (s *server) signIn() (*http.Cookie, error) {
	client := &http.Client{Timeout: 10 * time.Second, CheckRedirect: keepRedirect}
	answer, err := client.PostForm(s.url+"/sign-in", url.Values{"email": {ownerEmail}, "password": {ownerPassword}})
	if err != nil {
		return nil, err
	}
	answer.Body.Close()
	for _, c := range answer.Cookies() {
		if c.Name == "session" {
			return c, nil
		}
	}
	return nil, fmt.Errorf("sign-in answered %s without a session", answer.Status)
}
