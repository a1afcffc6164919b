package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "KEYLODGE_") {
			os.Unsetenv(name)
		}
	}
	os.Exit(m.Run())
}

func TestCommandsThatOnlyPrint(t *testing.T) {
	for args, says := range map[string]string{
		"version":                 "keylodge ",
		"--help":                  "Usage: keylodge",
		"serve --help":            "--base-url",
		"key --help":              "create",
		"key create --help":       "--expires",
		"user --help":             "reset-link",
		"workspace create --help": "--password-stdin",
	} {
		if r := keylodge(t, "", strings.Fields(args)...); r.code != 0 || r.err != "" || !strings.Contains(r.out, says) {
			t.Errorf("%s: %+v", args, r)
		}
	}
}

// Every flag of serve is explained, and no variable of the help is missing.
func TestHelpIsComplete(t *testing.T) {
	for _, args := range []string{"serve --help", "key create --help", "copy --help", "workspace --help"} {
		if r := keylodge(t, "", strings.Fields(args)...); strings.Contains(r.out, "${") ||
			strings.Contains(r.out, "help_") {
			t.Errorf("%s: %s", args, r.out)
		}
	}
}

func TestWrongUsage(t *testing.T) {
	t.Setenv("KEYLODGE_ADDR", "127.0.0.1:0")
	for _, args := range [][]string{
		{"--wrong"}, {"serve", "--wrong=1"}, {"nonsense"}, {"key"}, {"key", "nonsense"}, {"key", "revoke"},
		{"user", "create"},
		{"--addr"}, {"--addr", "8080"}, {"--addr", "nonsense"},
		{"--addr", "0.0.0.0:0"}, {"--addr", ":0"}, {"--addr", "[::]:0"},
		{"--addr", "0.0.0.0:0", "--base-url", "http://keys.example.com"},
		{"--base-url", "keys.example.com"}, {"--base-url", "ftp://keys.example.com"}, {"--base-url", "http://"},
		{"--base-url", "http://keys.example.com/path"}, {"--base-url", "http://u:p@keys.example.com"},
		{"--base-url", "http://keys.example.com?x"}, {"--base-url", "http://keys.example.com#x"},
		{"--base-url", "http://%zz"}, {"--base-url", "http://keys.example.com."},
		{"--base-url", "http://schlüssel.example"}, {"--base-url", "http://keys..example.com"},
		{"--key-prefix", "KL"}, {"--key-prefix", "kl_"}, {"--key-prefix", "_kl"}, {"--key-prefix", "1kl"},
		{"--key-prefix", "k-l"}, {"--key-prefix", "k\nl"}, {"--key-prefix", strings.Repeat("k", 17)},
		{"--key-prefix", "k__l"}, {"--key-prefix="},
		{"--trusted-proxies", "nonsense"}, {"--trusted-proxies", "10.0.0.0/99"}, {"--trusted-proxies", "10.0.0.1/8"},
		{"--max-staleness", "nonsense"}, {"--max-staleness=-1s"}, {"--ask-limit", "0s"},
		{"--session-idle", "9h"}, {"--session-idle", "nonsense"}, {"--session-idle", "0s"}, {"--session-idle=-5m"},
		{"--session-life", "0s"}, {"--failure-limit", "nonsense"}, {"--smtp-url", "http://mail.example.com"},
		{"--leak-keys-url", "nonsense"}, {"--on-lost-history", "shrug"},
		{"--log-format", "xml"}, {"--log-level", "loud"},
		{"key", "usage", "key_06h0e91v9430fsvmg3v0", "--days", "101"},
		{"copy", "--to", "nonsense"}, {"copy", "--db", "postgres://h/x", "--to", "postgres://h/x"},
	} {
		t.Run(strings.ReplaceAll(strings.Join(args, " "), "/", "|"), func(t *testing.T) {
			t.Chdir(t.TempDir())
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // it would serve if it accepted them
			defer cancel()
			var out, err recorder
			if code := run(ctx, args, streams{strings.NewReader(""), &out, &err}); code != exitUsage ||
				out.String() != "" {
				t.Errorf("code %d, %q", code, out.String())
			}
			wantLine(t, err.String(), "")
			if made, _ := os.ReadDir("."); len(made) > 0 {
				t.Errorf("it left %v", made)
			}
		})
	}
}

func TestWrongUsageLeavesNoDatabase(t *testing.T) {
	for _, args := range [][]string{
		{"--wrong"}, {"--key-prefix", "KL"}, {"--addr", "0.0.0.0:0"}, {"--base-url", "nonsense"},
		{"key", "create", "--workspace", "acme", "--owner", danaEmail, "--key-prefix", "KL"},
	} {
		i := newInstallation(t)
		i.try("", args...)
		if _, err := os.Stat(i.database); err == nil {
			t.Errorf("%q creates a database before it is refused", args)
		}
	}
}

func TestCommandsThatFail(t *testing.T) {
	const content = "This is not a database. "
	folder := t.TempDir()
	text := filepath.Join(folder, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat(content, 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	i := newInstallation(t)
	i.run("migrate")
	for _, c := range []struct {
		name string
		args []string
		says string // alternatives are separated by |
	}{
		{"port in use", []string{"--db", i.database, "--addr", taken.Addr().String()},
			"can't listen at " + taken.Addr().String()},
		{"IP of another machine", []string{"--db", i.database, "--addr", "192.0.2.1:0", "--base-url",
			"https://keys.example.com"},
			"can't listen at"},
		{"no such folder", []string{"--db", filepath.Join(folder, "none", "keylodge.db")},
			"Check that its folder exists"},
		{"folder is a file", []string{"--db", filepath.Join(text, "keylodge.db")}, "Check that its folder exists"},
		{"folder takes no files", []string{"--db", "/proc/keylodge.db"}, "Check that its folder exists"},
		{"database is a folder", []string{"--db", folder}, "can't be opened|no Keylodge database|can't be made"},
		{"database is a text", []string{"--db", text}, "no Keylodge database"},
		{"text to migrate", []string{"migrate", "--db", text}, "no Keylodge database"},
		{"PostgreSQL is down", []string{"--db", "postgres://127.0.0.1:1/x?sslmode=disable"}, "can't be reached"},
		{"PostgreSQL on an unknown host", []string{"--db", "postgres://keylodge.invalid/x"}, "can't be reached"},
		{"invalid PostgreSQL URL", []string{"--db", "postgres://u:hidden-word@h:port/x"}, "can't be read"},
		{"PostgreSQL to migrate is down", []string{"migrate", "--db", "postgres://127.0.0.1:1/x?sslmode=disable"},
			"can't be reached"},
		{"no database", []string{"key", "list", "--workspace", "acme", "--db", i.database + "x"}, "no database at"},
		{"no workspace", []string{"key", "list", "--workspace", "none", "--db", i.database}, `no workspace "none"`},
		{"no user", []string{"user", "reset-link", "--email", "x@y.example", "--db", i.database},
			"no user has the email x@y.example"},
		{"no key", []string{"key", "revoke", "key_06h0e91v9430fsvmg3v0", "--db", i.database}, "no key"},
		{"nothing to check", []string{"check", "--db", i.database + "x"}, "no database at"},
		{"nothing to copy", []string{"copy", "--db", i.database + "x", "--to", "postgres://h/x"}, "no database at"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var out, err recorder
			args := append([]string{}, c.args...)
			if strings.HasPrefix(args[0], "--db") && len(args) == 2 {
				args = append(args, "--addr", "127.0.0.1:0")
			}
			if code := run(ctx, args, streams{strings.NewReader(""), &out, &err}); code != exitFailed ||
				out.String() != "" {
				t.Errorf("code %d, %q", code, out.String())
			}
			said := false
			for alternative := range strings.SplitSeq(c.says, "|") {
				said = said || strings.Contains(err.String(), alternative)
			}
			wantLine(t, err.String(), "")
			if !said || strings.Contains(err.String(), "hidden-word") {
				t.Errorf("it says %q", err.String())
			}
		})
	}
	if got, err := os.ReadFile(text); err != nil || string(got) != strings.Repeat(content, 100) {
		t.Error("the text was changed")
	}
}
