//go:build !unix

package store

import "github.com/keylodge/keylodge/internal/workspace"

// walIndex is not mapped where files are not mapped as on Unix: every check
// then asks in SQL.
type walIndex struct{}

func mapWALIndex(string) *walIndex { return nil }

func (*walIndex) stamp() (workspace.Stamp, bool) { return workspace.Stamp{}, false }

func (*walIndex) checkpoints() (checkpoints, bool) { return checkpoints{}, false }

func (*walIndex) logLength() int64 { return 0 }

func (*walIndex) close() {}
