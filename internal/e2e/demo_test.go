package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
)

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
		how := said.FindStringSubmatch(out.String())
		folders, err := filepath.Glob(filepath.Join(temporary, "keylodge-demo-*"))
		if err != nil || len(folders) != 1 {
			t.Fatalf("its folders: %v %v", folders, err)
		}
		s := &server{t: t, url: how[1], address: "127.0.0.1:" + how[2], database: filepath.Join(folders[0], "keylodge.db"), log: log, secrets: map[string]bool{}}
		demo := s.signIn(t, how[3], how[4])
		demo.want(demo.get("/settings/api-keys"), http.StatusOK, "Acme", "CI deploy", "deploys:read, deploys:write · 2 networks", ">Disabled<")
		keys := s.listed(t)
		owners, states := map[string]bool{}, map[string]int{}
		for _, k := range keys {
			owners[k.Owner], states[k.State] = true, states[k.State]+1
		}
		if len(keys) != 60 || len(owners) != 4 || len(states) != 3 {
			t.Errorf("%d keys, owners %v, states %v", len(keys), owners, states)
		}
		cmd.Process.Signal(sig)
		if err := cmd.Wait(); err != nil {
			t.Errorf("it ended with %v\n%s", err, log)
		}
		if left, _ := os.ReadDir(temporary); len(left) > 0 {
			t.Errorf("it leaves %v", left)
		}
	}
}
