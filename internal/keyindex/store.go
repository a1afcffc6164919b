package keyindex

import (
	"context"

	"github.com/keylodge/keylodge/internal/workspace"
)

// Store is the database as the index uses it.
type Store interface {
	// ChangeNumber returns the newest committed change number. When it is lower
	// than one that this process knows, the database has lost changes: see
	// FactsSince.
	ChangeNumber(ctx context.Context) (int64, error)

	// Stamp returns a value that changes with every commit of any process. It
	// returns false when the engine has none that costs no query. (SQLite has:
	// the mapped WAL index.)
	Stamp() (workspace.Stamp, bool)

	// Halted returns nil while this process may use the database, and after
	// that always the reason, a [workspace.Error] of kind Unavailable.
	Halted() error

	// AllFacts streams all that verifications depend on, as of one moment, and
	// returns that moment's change number.
	AllFacts(ctx context.Context, into workspace.FactSink) (int64, error)

	// FactsSince streams the present facts about everything that changed after
	// a change, and returns the newest change number. It returns
	// [workspace.ErrChangesGone] when not all changes since are kept. When the
	// database has lost a change that this process knows, the process is
	// halted, or the error is ErrChangesGone, as the store was configured.
	FactsSince(ctx context.Context, change int64, into workspace.FactSink) (int64, error)

	// RecordUsage keeps the newest use of each key and adds up the counts, in
	// one transaction. It ignores keys that no longer exist, and a batch that
	// was recorded before.
	RecordUsage(ctx context.Context, b workspace.UsageBatch) error
}
