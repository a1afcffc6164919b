package e2e

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// result is how a command ended.
type result struct {
	code     int
	out, err string
}

// keylodge runs an administrative command. input is its standard input.
func keylodge(t testing.TB, input string, arguments ...string) result {
	t.Helper()
	cmd := command(arguments...)
	cmd.Dir = t.TempDir()
	cmd.Stdin = strings.NewReader(input)
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	if e := cmd.Run(); e != nil && cmd.ProcessState == nil {
		t.Fatal(e)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), err.String()}
}

// keylodge runs a command on the server's database while the server runs. It
// must succeed. The output is returned without the last line break.
func (s *server) keylodge(t testing.TB, arguments ...string) string {
	t.Helper()
	return s.keylodgeReading(t, "", arguments...)
}

func (s *server) keylodgeReading(t testing.TB, input string, arguments ...string) string {
	t.Helper()
	r := keylodge(t, input, append(arguments, "--db", s.database)...)
	if r.code != 0 || r.err != "" {
		t.Fatalf("keylodge %s: code %d, %s", strings.Join(arguments, " "), r.code, r.err)
	}
	for _, key := range keyShape.FindAllString(r.out, -1) {
		s.secret(key)
	}
	if _, token, found := strings.Cut(strings.TrimSpace(r.out), "token="); found {
		s.secret(token)
	}
	s.secret(strings.TrimSpace(input))
	return strings.TrimSuffix(r.out, "\n")
}

// fails runs a command on the server's database that must end with code 1.
func (s *server) fails(t testing.TB, input, says string, arguments ...string) {
	t.Helper()
	r := keylodge(t, input, append(arguments, "--db", s.database)...)
	if r.code != 1 || r.out != "" {
		t.Errorf("keylodge %s: code %d, %q", strings.Join(arguments, " "), r.code, r.out)
	}
	oneLineOf(t, r.err, says)
}

// oneLineOf fails the test unless text is one line that begins with the
// program's name and contains one of the texts.
func oneLineOf(t testing.TB, text string, says ...string) {
	t.Helper()
	if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") || !strings.HasPrefix(text, "keylodge: ") {
		t.Errorf("it is not one line: %q", text)
	}
	contained := func(s string) bool { return strings.Contains(text, s) }
	if len(says) > 0 && !slices.ContainsFunc(says, contained) {
		t.Errorf("it says none of %q: %q", says, text)
	}
}
