package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// docs are the pages whose commands are run.
var docs = []string{
	"README.md", "docs/getting-started.md", "docs/administration.md", "docs/api.md", "docs/gateways/README.md",
	"docs/concepts.md", "SECURITY.md", "CONTRIBUTING.md",
}

var (
	shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")
	inlineCode = regexp.MustCompile("`(keylodge [^`]+)`")
)

// TestDocs runs every command in the documentation. Each block of shell code
// runs unchanged except for the port. Lines that start a server are started and
// stopped.
func TestDocs(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		cannot(t, "curl is not installed, so the commands of the documentation were not run")
	}
	blocks := 0
	for _, name := range docs {
		content, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		found := shellBlock.FindAllStringSubmatch(string(content), -1)
		blocks += len(found)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, m := range inlineCode.FindAllStringSubmatch(string(content), -1) {
				wantCommand(t, m[1])
			}
			if len(found) == 0 {
				return
			}
			r := newReader(t, strings.Contains(string(content), "keylodge workspace create"))
			for _, m := range found {
				r.run(t, m[1])
			}
		})
	}
	if blocks < 20 {
		t.Errorf("only %d blocks of shell code were found", blocks)
	}
}

// wantCommand fails the test unless the program has the command that the text
// names.
func wantCommand(t testing.TB, text string) {
	t.Helper()
	var words []string
	for _, word := range strings.Fields(text)[1:] {
		if !regexp.MustCompile(`^[a-z][a-z-]*$`).MatchString(word) {
			break
		}
		words = append(words, word)
	}
	if r := keylodge(t, "", append(words, "--help")...); r.code != 0 {
		t.Errorf("%s: %s", text, r.err)
	}
}

// reader follows a page of the documentation with its own server.
type reader struct {
	s           *server
	environment []string
}

// newReader starts a server and adds the keys that the pages use, unless the
// page creates the workspace itself.
func newReader(t testing.TB, creates bool) *reader {
	t.Helper()
	s := start(t, sqliteFile(t))
	if creates {
		s.keylodge(t, "workspace", "create", "--slug", "other", "--name", "Other", "--owner-email", danaEmail)
	} else {
		s.setUp(t)
	}
	bin := t.TempDir()
	if err := os.Symlink(binary, filepath.Join(bin, "keylodge")); err != nil {
		t.Fatal(err)
	}
	curlrc := "silent\nshow-error\nfail-with-body\n"
	if err := os.WriteFile(filepath.Join(bin, ".curlrc"), []byte(curlrc), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &reader{s: s, environment: append(command().Env, "PATH="+bin+":"+os.Getenv("PATH"), "CURL_HOME="+bin,
		"KEYLODGE_DB="+s.database)}
	slug := "acme"
	if creates {
		slug = "other"
	}
	for _, name := range []string{
		"KEYLODGE_API_KEY", "SERVICE_KEY", "CUSTOMER_KEY", "REVOKED_KEY", "FOUND_KEY", "HELD_KEY",
	} {
		id, secret := s.newKeyAt(t, slug, workspace.NewKey{Name: name})
		r.environment = append(r.environment, name+"="+secret)
		if name == "REVOKED_KEY" {
			r.environment = append(r.environment, "KEY_ID="+id)
		}
	}
	return r
}

// run runs a block of shell code, which must succeed.
func (r *reader) run(t testing.TB, block string) {
	t.Helper()
	var script []string
	for _, line := range strings.Split(block, "\n") {
		switch {
		case strings.HasPrefix(line, "go run ./cmd/keylodge"), strings.HasPrefix(line, "keylodge serve"):
			r.serve(t, line)
		case strings.HasPrefix(line, "make "):
			wantTarget(t, strings.Fields(line)[1])
		case strings.HasPrefix(line, "go build "):
			script = append(script, "(cd "+root(t)+" && go list "+strings.TrimPrefix(line, "go build ")+")")
		default:
			script = append(script, line)
		}
	}
	text := strings.ReplaceAll(strings.Join(script, "\n"), "localhost:8080", strings.TrimPrefix(r.s.url, "http://"))
	cmd := exec.Command("sh", "-eu", "-c", text)
	cmd.Env, cmd.Dir = r.environment, t.TempDir()
	out, err := cmd.CombinedOutput()
	for _, secret := range keyShape.FindAllString(string(out), -1) {
		r.s.secret(secret)
	}
	if err != nil {
		t.Errorf("%s\n%v: %s", block, err, out)
	}
}

// serve runs a line that starts a server, with another port and database, and
// stops the server.
func (r *reader) serve(t testing.TB, line string) {
	t.Helper()
	line = strings.Replace(line, "go run ./cmd/keylodge", "keylodge", 1)
	cmd := exec.Command("sh", "-eu", "-c", "exec "+line+" --addr 127.0.0.1:0")
	cmd.Env = slices.DeleteFunc(slices.Clone(r.environment), func(v string) bool {
		return strings.HasPrefix(v, "KEYLODGE_")
	})
	cmd.Dir = t.TempDir()
	out, log := newRecorder(), newRecorder()
	cmd.Stdout, cmd.Stderr = out, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	eventually(t, fmt.Sprintf("%s prints where it is", line), func() bool {
		return strings.HasSuffix(out.String(), "\n") || strings.Contains(log.String(), "keylodge: ")
	})
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Errorf("%s: %v\n%s", line, err, log)
	}
}

func root(t testing.TB) string {
	t.Helper()
	path, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// wantTarget fails the test unless the Makefile has a target.
func wantTarget(t testing.TB, target string) {
	t.Helper()
	if out, err := exec.Command("make", "-n", "-C", root(t), target).CombinedOutput(); err != nil {
		t.Errorf("make %s: %v: %s", target, err, out)
	}
}
