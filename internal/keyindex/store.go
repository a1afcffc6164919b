package keyindex

import (
	"context"

	"github.com/keylodge/keylodge/internal/workspace"
)

// Store is the database as the index uses it.
type Store interface {
	// ChangeNumber returns the newest committed change number. When it is older
	// than one that this process knows, the database has gone back: see
	// FactsSince.
	ChangeNumber(ctx context.Context) (int64, error)

	// Stamp returns a value that differs after every commit of any process,
	// where the engine has one that costs no query (SQLite's mapped WAL
	// index); false where it has none.
	Stamp() (workspace.Stamp, bool)

	// Halted returns why the database must not be used any more by this
	// process, an [workspace.Error] of kind Unavailable; nil while it may be.
	// Once there is a reason, it stays.
	Halted() error

	// AllFacts streams all that decides key checks, as of one moment, and
	// returns that moment's change number.
	AllFacts(ctx context.Context, into workspace.FactSink) (int64, error)

	// FactsSince streams the present facts about everything that changed after
	// a number, and returns the newest number. It returns
	// [workspace.ErrChangesGone] when the changes since are no longer all kept.
	// When the database no longer has that number, or another that this process
	// knows, the process is halted, or the error is ErrChangesGone, as the
	// store was told when it was opened.
	FactsSince(ctx context.Context, number int64, into workspace.FactSink) (int64, error)

	// RecordUsage keeps the newest use of each key and adds up the counts, all
	// of it or nothing. Uses of keys that no longer exist are passed over, and
	// so is a batch that was recorded before.
	RecordUsage(ctx context.Context, b workspace.UsageBatch) error
}
