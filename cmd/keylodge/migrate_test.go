package main

import (
	"os"
	"regexp"
	"testing"
)

func TestMigrate(t *testing.T) {
	i := newInstallation(t)
	if out := i.run("migrate"); !regexp.MustCompile(`^(applied \d{4}_\w+(\.sql)?\n?)+$`).MatchString(out) {
		t.Error(out)
	}
	if again := i.run("migrate"); again != "The database is up to date." {
		t.Error(again)
	}
	if info, err := os.Stat(i.database); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("who may read the database: %v %v", info.Mode(), err)
	}
	i.serve()
}
