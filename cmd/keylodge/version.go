package main

import (
	"fmt"
	"runtime/debug"
)

type versionCommand struct{}

// Run prints the version that the Go toolchain noted: of the module, or of the
// commit it was built from.
func (versionCommand) Run(std streams) error {
	version, revision := "(devel)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	_, err := fmt.Fprintf(std.out, "keylodge %s%s\n", version, revision)
	return err
}
