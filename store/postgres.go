package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/keylodge/keylodge/internal/workspace"
)

const (
	// At most; the server's own limit, for all nodes, is 100 unless it was
	// raised. Writers wait for each other, so they have connections of their
	// own: key checks must not wait for one of theirs.
	postgresReaders        = 8
	postgresWriters        = 8
	postgresConnectTimeout = 5 * time.Second
)

const applicationName = "keylodge"

// postgresTimeouts are each session's, unless the URL sets them. A node that
// hangs in a transaction must not keep the change number from all others.
var postgresTimeouts = map[string]string{
	"lock_timeout":                        "5s",
	"idle_in_transaction_session_timeout": "30s",
}

func openPostgres(ctx context.Context, dsn string, h *halt) (*engine, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, unavailable(
			"The database URL can't be read. Write it as postgres://user:password@host:5432/database.", err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = postgresConnectTimeout
	}
	if config.ValidateConnect == nil {
		// A standby may lag behind: no answer of one proves that a key is still
		// good.
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsPrimary
	}
	e := direct(config.Copy(), h.log)
	_, err = e.queries.ExecContext(ctx, `SELECT 1`)
	if refusesSettings(err) {
		e.close()
		e = behindPooler(config, h.log)
		_, err = e.queries.ExecContext(ctx, `SELECT 1`)
	}
	if err != nil {
		return nil, errors.Join(reader{explain: explainPostgres}.translate(err), e.close())
	}
	return e, nil
}

// onlyPrimary holds where nothing lags behind.
const onlyPrimary = ` WHERE NOT pg_is_in_recovery()`

// newPostgres returns an engine whose transactions that write begin with the
// statements.
func newPostgres(config *pgx.ConnConfig, log *slog.Logger, begin ...string) *engine {
	read, write := openPostgresPool(config, postgresReaders), openPostgresPool(config, postgresWriters)
	notifier := newNotifier(write, log)
	number := &numberConn{config: config, query: newestNumber + onlyPrimary}
	return &engine{
		queries:       read,
		snapshot:      alone(read, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, stalePostgres),
		write:         alone(write, nil, stalePostgres, begin...),
		migrationLock: `SELECT pg_advisory_xact_lock(7308332046)`, // a number of our own choosing
		primary:       onlyPrimary,
		newest:        number.newest,
		explain:       explainPostgres,
		stale:         stalePostgres,
		stamp:         func() (workspace.Stamp, bool) { return workspace.Stamp{}, false },
		changed:       notifier.send,
		close: func() error {
			notifier.close()
			number.close()
			return errors.Join(read.Close(), write.Close())
		},
	}
}

// refusesSettings reports whether a pooler such as PgBouncer stands before the
// database: it takes no settings of a session, which is not one client's alone.
func refusesSettings(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "08P01" && strings.Contains(e.Message, "startup parameter")
}

// direct is for connections to the server itself.
func direct(config *pgx.ConnConfig, log *slog.Logger) *engine {
	setUnlessSet(config, "application_name", applicationName)
	for name, value := range postgresTimeouts {
		setUnlessSet(config, name, value)
	}
	e := newPostgres(config, log)
	e.listen = listenPostgres(config)
	return e
}

// behindPooler is for a pooler that gives a client another connection with each
// transaction: nothing may be prepared for a session, the timeouts are each
// transaction's, and nobody can listen.
func behindPooler(config *pgx.ConnConfig, log *slog.Logger) *engine {
	setUnlessSet(config, "application_name", applicationName)
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	var begin []string
	for name, value := range postgresTimeouts {
		begin = append(begin, `SET LOCAL `+name+` = '`+value+`'`)
	}
	return newPostgres(config, log, begin...)
}

func setUnlessSet(config *pgx.ConnConfig, name, value string) {
	if _, set := config.RuntimeParams[name]; !set {
		config.RuntimeParams[name] = value
	}
}

func openPostgresPool(config *pgx.ConnConfig, size int) *sql.DB {
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db
}

const (
	postgresGone = "The database can't be reached. Try again in a moment."
	postgresBusy = "The database is busy with other work. Nothing was changed; try again in a moment."
)

// postgresMessages says to people what an SQLSTATE, or else its class (the
// first two characters), means for them (PostgreSQL manual, appendix A).
var postgresMessages = map[string]string{
	"08":    postgresGone, // connection exception
	"25006": "The database may be read but not written. Nothing was changed; connect to the primary server.",
	"25P03": postgresGone, // idle in transaction for too long
	"28":    "The database refuses the user or the password. Check the database URL.",
	"3D000": "The database server has no database of this name. Check the database URL.",
	"40":    postgresBusy, // serialization failure, deadlock
	"53":    "The database server is out of disk, memory or connections. Nothing was changed; try again in a moment.",
	"53100": "The disk of the database is full. Nothing was changed; make room, then try again.",
	"55P03": postgresBusy, // lock not available within lock_timeout
	"57":    postgresGone, // shutting down, starting up, cancelled
	"58":    "The database server reports a fault of its disk. Nothing was changed; look in its log.",
	"XX":    "The database server reports a fault of its own. Nothing was changed; look in its log.",
}

func explainPostgres(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		if message := postgresMessages[e.Code]; message != "" {
			return message
		}
		return postgresMessages[e.Code[:2]]
	}
	if connectionLost(err) {
		return postgresGone
	}
	return ""
}

// stalePostgres reports whether a connection of the pool had died, as all do
// when the server starts again. To begin a transaction on another does no harm.
func stalePostgres(err error) bool {
	if _, connecting := errors.AsType[*pgconn.ConnectError](err); connecting {
		return false // no server answers
	}
	e, told := errors.AsType[*pgconn.PgError](err)
	return told && e.Code == "57P01" || connectionLost(err) // 57P01: ended by the administrator
}

// connectionLost reports whether the connection to the server could not be made
// or has broken.
func connectionLost(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false // asked to stop, or too slow: a message of its own
	}
	_, connect := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[net.Error](err)
	return connect || network || pgconn.SafeToRetry(err) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, net.ErrClosed)
}
