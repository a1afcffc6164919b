package store

import (
	"context"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"
)

// question asks PostgreSQL for the newest change number, on a connection of its
// own: every strict check waits for the answer, so it must wait for nobody
// else, and cost as little as it can.
type question struct {
	config *pgx.ConnConfig
	text   string

	mu   sync.Mutex // held by one who asks
	conn *pgx.Conn  // nil: not connected
}

func (q *question) ask(ctx context.Context) (number int64, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	number, err = q.tryToAsk(ctx)
	if err != nil && stalePostgres(err) { // the connection had died while nobody asked
		number, err = q.tryToAsk(ctx)
	}
	return number, err
}

func (q *question) tryToAsk(ctx context.Context) (number int64, err error) {
	if q.conn == nil {
		if q.conn, err = pgx.ConnectConfig(ctx, q.config); err != nil {
			return 0, err
		}
	}
	err = q.conn.QueryRow(ctx, q.text).Scan(&number)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, errNotPrimary
	}
	if err != nil {
		q.hangUp()
	}
	return number, err
}

// hangUp ends the connection without waiting for the server, which may not
// answer any more.
func (q *question) hangUp() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	q.conn.Close(ctx)
	q.conn = nil
}

func (q *question) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.conn != nil {
		q.hangUp()
	}
}
