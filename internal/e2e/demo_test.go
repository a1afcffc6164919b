package e2e

import (
	"os"
	"regexp"
	"syscall"
	"testing"
)

// TestDemo ends the demo by each signal. It must leave nothing behind.
func TestDemo(t *testing.T) {
	t.Parallel()
	temporary := t.TempDir()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		cmd, out, log := command("demo", "--addr", "127.0.0.1:0"), newRecorder(), newRecorder()
		cmd.Env = append(cmd.Env, "TMPDIR="+temporary)
		cmd.Stdout, cmd.Stderr = out, log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cmd.Process.Kill() })
		said := regexp.MustCompile(`^Open (http://localhost:(\d+)) and sign in as (\S+) with the password (\S+)\n`)
		eventually(t, "it says how to sign in", func() bool { return said.MatchString(out.String()) })
		cmd.Process.Signal(sig)
		if err := cmd.Wait(); err != nil {
			t.Errorf("it ended with %v\n%s", err, log)
		}
		if left, _ := os.ReadDir(temporary); len(left) > 0 {
			t.Errorf("it leaves %v", left)
		}
	}
}
