package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

const (
	ownerEmail    = "dana@acme.example"
	ownerPassword = "correct horse battery"
)

// bench is a folder with the program, and databases of different sizes.
type bench struct {
	folder, program     string
	few, thousand, many string   // databases
	secrets             []string // live ones of the database with many keys
}

// build makes the folder and builds the program in it.
func build(ctx context.Context) (*bench, error) {
	folder, err := os.MkdirTemp("", "keylodge-bench-")
	if err != nil {
		return nil, err
	}
	b := &bench{folder: folder, program: filepath.Join(folder, "keylodge")}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", b.program, "./cmd/keylodge")
	cmd.Stderr = os.Stderr
	return b, cmd.Run()
}

// seedAll makes the databases that several measurements share.
func (b *bench) seedAll(ctx context.Context) error {
	fmt.Fprintf(os.Stderr, "Making databases of %d, %d and %d keys.\n", fewKeys, thousandKeys, manyKeys)
	for _, d := range []struct {
		path *string
		keys int
	}{{&b.few, fewKeys}, {&b.thousand, thousandKeys}, {&b.many, manyKeys}} {
		*d.path = filepath.Join(b.folder, fmt.Sprintf("%d.db", d.keys))
		var err error
		if b.secrets, err = seed(ctx, *d.path, d.keys); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) cleanUp() { os.RemoveAll(b.folder) }

// seed makes a workspace with n keys of one owner, one for each of the last n
// minutes, and returns the secrets of up to 10,000 of them.
func seed(ctx context.Context, path string, n int) ([]string, error) {
	db, err := store.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if _, err := db.Migrate(ctx); err != nil {
		return nil, err
	}
	began := time.Now().Add(-time.Duration(n+1) * time.Minute).UTC().Truncate(time.Microsecond)
	w, owner, err := addAcme(ctx, workspace.NewService(db, workspace.Config{Now: at(began)}))
	if err != nil {
		return nil, err
	}
	var secrets []string
	for done := 0; done < n; done += 10_000 {
		err := db.Change(ctx, func(tx workspace.ChangeTx) error {
			for i := done; i < min(done+10_000, n); i++ {
				made := secret.New(secret.DefaultPrefix)
				key := workspace.KeyOf(made, began.Add(time.Duration(i+1)*time.Minute))
				key.WorkspaceID, key.OwnerID, key.CreatedBy = w.ID, owner.UserID, owner.UserID
				key.Name = fmt.Sprint("Key ", i)
				if i%max(1, n/10_000) == 0 {
					secrets = append(secrets, made.Reveal())
				}
				if err := tx.InsertKey(ctx, key); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return secrets, nil
}

// addAcme makes the workspace that every measurement is about.
func addAcme(ctx context.Context, s *workspace.Service) (workspace.Workspace, workspace.Member, error) {
	return s.CreateWorkspace(ctx, workspace.NewWorkspace{
		Name: "Acme", Slug: "acme", OwnerName: "Dana Okafor", OwnerEmail: ownerEmail, OwnerPassword: ownerPassword,
	})
}

// at is a clock that stands still.
func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// keysFile writes secrets to verify, one a line, for wrk's script.
func (b *bench) keysFile(name string, secrets []string) (string, error) {
	path := filepath.Join(b.folder, name)
	return path, os.WriteFile(path, []byte(strings.Join(secrets, "\n")), 0o600)
}
