package e2e

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// oneLineOf fails the test unless text is one line that begins with the
// program's name and says one of the texts.
func oneLineOf(t testing.TB, text string, says ...string) {
	t.Helper()
	if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") || !strings.HasPrefix(text, "keylodge: ") {
		t.Errorf("it is not one line: %q", text)
	}
	if len(says) > 0 && !slices.ContainsFunc(says, func(s string) bool { return strings.Contains(text, s) }) {
		t.Errorf("it says none of %q: %q", says, text)
	}
}

func TestCommandsThatOnlyPrint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		arguments []string
		says      string
	}{
		{[]string{"version"}, "keylodge "},
		{[]string{"--help"}, "Usage: keylodge"},
		{[]string{"serve", "--help"}, "--base-url"},
		{[]string{"key", "--help"}, "create"},
		{[]string{"key", "create", "--help"}, "--expires"},
		{[]string{"user", "--help"}, "reset-link"},
		{[]string{"workspace", "create", "--help"}, "--password-stdin"},
	} {
		t.Run(strings.Join(c.arguments, " "), func(t *testing.T) {
			if r := keylodge(t, "", c.arguments...); r.code != 0 || r.err != "" || !strings.Contains(r.out, c.says) {
				t.Errorf("%+v", r)
			}
		})
	}
}

// TestWrongUsage runs each wrong command in an empty folder.
func TestWrongUsage(t *testing.T) {
	t.Parallel()
	for _, arguments := range [][]string{
		{"--wrong"}, {"serve", "--wrong=1"}, {"nonsense"}, {"key"}, {"key", "nonsense"}, {"key", "revoke"}, {"user", "create"},
		{"--addr"}, {"--addr", "8080"}, {"--addr", "nonsense"}, {"--addr", "0.0.0.0:0"}, {"--addr", ":0"}, {"--addr", "[::]:0"},
		{"--addr", "0.0.0.0:0", "--base-url", "http://keys.example.com"},
		{"--base-url", "keys.example.com"}, {"--base-url", "ftp://keys.example.com"}, {"--base-url", "http://"}, {"--base-url", "http://keys.example.com/path"},
		{"--base-url", "http://u:p@keys.example.com"}, {"--base-url", "http://keys.example.com?x"}, {"--base-url", "http://keys.example.com#x"}, {"--base-url", "http://%zz"},
		{"--base-url", "http://keys.example.com."}, {"--base-url", "http://schlüssel.example"},
		{"--base-url", "http://keys..example.com"},
		{"--key-prefix", "KL"}, {"--key-prefix", "kl_"}, {"--key-prefix", "_kl"}, {"--key-prefix", "1kl"}, {"--key-prefix", "k-l"}, {"--key-prefix", "k\nl"},
		{"--key-prefix", strings.Repeat("k", 17)}, {"--key-prefix", "k__l"}, {"--key-prefix="},
		{"--trusted-proxies", "nonsense"}, {"--trusted-proxies", "10.0.0.0/99"}, {"--trusted-proxies", "10.0.0.1/8"}, {"--log-level", "loud"}, {"--session-idle", "9h"}, {"--max-staleness", "nonsense"}, {"--max-staleness=-1s"},
		{"--session-idle", "nonsense"}, {"--session-idle", "0s"}, {"--session-idle=-5m"}, {"--session-life", "0s"},
		{"--log-format", "xml"}, {"--log-level", "loud"},
	} {
		t.Run(strings.ReplaceAll(strings.Join(arguments, " "), "/", "|"), func(t *testing.T) {
			t.Parallel()
			cmd, out, err := command(arguments...), newRecorder(), newRecorder()
			cmd.Env = append(cmd.Env, "KEYLODGE_ADDR=127.0.0.1:0")
			cmd.Dir, cmd.Stdout, cmd.Stderr = t.TempDir(), out, err
			if e := cmd.Start(); e != nil {
				t.Fatal(e)
			}
			ended := make(chan struct{})
			go func() { cmd.Wait(); close(ended) }()
			eventually(t, "it ends or listens", func() bool {
				select {
				case <-ended:
					return true
				default:
					return out.String() != ""
				}
			})
			cmd.Process.Kill()
			<-ended
			if code := cmd.ProcessState.ExitCode(); code != 2 || out.String() != "" {
				t.Errorf("code %d, %q", code, out.String())
			}
			oneLineOf(t, err.String())
		})
	}
}

func TestWrongUsageLeavesNoDatabase(t *testing.T) {
	t.Parallel()
	for _, arguments := range [][]string{
		{"--wrong"}, {"--key-prefix", "KL"}, {"--addr", "0.0.0.0:0"}, {"--base-url", "nonsense"},
		{"key", "create", "--workspace", "acme", "--owner", danaEmail, "--key-prefix", "KL"},
	} {
		database := sqliteFile(t)
		keylodge(t, "", append(arguments, "--db", database)...)
		if _, err := os.Stat(database); err == nil {
			t.Errorf("%q makes a database before it is refused", arguments)
		}
	}
}

func TestCommandsThatFail(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text := filepath.Join(folder, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("This is no database. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	database := filepath.Join(folder, "keylodge.db")
	if r := keylodge(t, "", "migrate", "--db", database); r.code != 0 {
		t.Fatal(r.err)
	}
	for _, c := range []struct {
		name      string
		arguments []string
		says      []string
	}{
		{"an address in use", []string{"--db", database, "--addr", taken.Addr().String()}, []string{"can't listen at " + taken.Addr().String()}},
		{"an address that is nowhere", []string{"--db", database, "--addr", "192.0.2.1:0", "--base-url", "https://keys.example.com"}, []string{"can't listen at"}},
		{"a path in no folder", []string{"--db", filepath.Join(folder, "none", "keylodge.db")}, []string{"Check that its folder exists"}},
		{"a path under a file", []string{"--db", filepath.Join(text, "keylodge.db")}, []string{"Check that its folder exists"}},
		{"a folder that takes no files", []string{"--db", "/proc/keylodge.db"}, []string{"Check that its folder exists"}},
		{"a folder", []string{"--db", folder}, []string{"can't be opened", "no Keylodge database", "can't be made"}},
		{"a text", []string{"--db", text}, []string{"no Keylodge database"}},
		{"a text to migrate", []string{"migrate", "--db", text}, []string{"no Keylodge database"}},
		{"no PostgreSQL", []string{"--db", "postgres://127.0.0.1:1/x?sslmode=disable"}, []string{"can't be reached"}},
		{"a PostgreSQL with no such host", []string{"--db", "postgres://keylodge.invalid/x"}, []string{"can't be reached"}},
		{"an address of PostgreSQL that is none", []string{"--db", "postgres://u:hidden-word@h:port/x"}, []string{"can't be read"}},
		{"migrating PostgreSQL that is not there", []string{"migrate", "--db", "postgres://127.0.0.1:1/x?sslmode=disable"}, []string{"can't be reached"}},
		{"a database that is not there", []string{"key", "list", "--workspace", "acme", "--db", database + "x"}, []string{"there is no database at"}},
		{"a workspace that is not there", []string{"key", "list", "--workspace", "none", "--db", database}, []string{`there is no workspace "none"`}},
		{"nobody's link", []string{"user", "reset-link", "--email", "x@y.example", "--db", database}, []string{"nobody has the address x@y.example"}},
		{"a key that is not there", []string{"key", "revoke", unknownKey, "--db", database}, []string{"there is no key"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := keylodge(t, "", c.arguments...)
			if r.code != 1 || r.out != "" {
				t.Errorf("code %d, %q", r.code, r.out)
			}
			oneLineOf(t, r.err, c.says...)
			if strings.Contains(r.err, "hidden-word") {
				t.Errorf("the password of the database is shown: %s", r.err)
			}
		})
	}
	if content, err := os.ReadFile(text); err != nil || !strings.HasPrefix(string(content), "This is no database.") || len(content) != 2100 {
		t.Error("the text was changed")
	}
}
