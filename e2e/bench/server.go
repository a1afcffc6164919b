package main

import (
	"bufio"
	"context"
	"fmt"
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

// keylodge runs the program on a database, as `keylodge serve` does for anybody.
func (b *bench) keylodge(ctx context.Context, db string) (*server, error) {
	return startServer(ctx, exec.CommandContext(ctx, b.program, "serve", "--addr", "127.0.0.1:0", "--db", db, "--log-level", "error"))
}

// baseline runs two Echo handlers: /empty only answers 204, /headers writes the headers of /verify too.
func (b *bench) baseline(ctx context.Context) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return startServer(ctx, exec.CommandContext(ctx, self, "baseline", "127.0.0.1:0"))
}

// verifyHeaders are as many and as long as those of an accepted key.
var verifyHeaders = map[string]string{
	"Cache-Control": "no-store", "X-Keylodge-Workspace": "acme", "X-Keylodge-User": "usr_06h0e91v5kuis4idthv0",
	"X-Keylodge-Role": "owner", "X-Keylodge-Scopes": "", "X-Keylodge-Key-Id": "key_06h0e91v9430fsvmg3v0",
	"X-Keylodge-Key-Name": "Key 12345",
}

// serveBaseline is the baseline's process.
func serveBaseline(addr string) {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.GET("/empty", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
	e.GET("/headers", func(c echo.Context) error {
		h := c.Response().Header()
		for name, value := range verifyHeaders {
			h.Set(name, value)
		}
		return c.NoContent(http.StatusNoContent)
	})
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("http://localhost:%d\n", listener.Addr().(*net.TCPAddr).Port)
	e.Listener = listener
	e.Start("")
}

// startServer waits for the first line, which says the address.
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

// verify asks once about a key.
func (s *server) verify(secret string) error {
	r, err := http.NewRequest(http.MethodGet, s.url+"/verify", nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent {
		return fmt.Errorf("/verify answered %s", answer.Status)
	}
	return nil
}

// signIn returns the cookie of a new session.
func (s *server) signIn() (*http.Cookie, error) {
	client := &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
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
