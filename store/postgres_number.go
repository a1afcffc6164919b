package store

import (
	"context"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"
)

// numberConn reads the newest change number from PostgreSQL on a connection of
// its own: every strict verification waits for it, so it must wait for nothing
// else, and cost as little as it can. Its methods may be called at the same
// time.
type numberConn struct {
	config *pgx.ConnConfig
	query  string

	mu   sync.Mutex // held while conn is in use
	conn *pgx.Conn  // nil: not connected
}

// newest returns the newest change number.
func (c *numberConn) newest(ctx context.Context) (number int64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	number, err = c.read(ctx)
	if err != nil && stalePostgres(err) { // the connection had died while it was not used
		number, err = c.read(ctx)
	}
	return number, err
}

func (c *numberConn) read(ctx context.Context) (number int64, err error) {
	if c.conn == nil {
		if c.conn, err = pgx.ConnectConfig(ctx, c.config); err != nil {
			return 0, err
		}
	}
	err = c.conn.QueryRow(ctx, c.query).Scan(&number)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, errNotPrimary
	}
	if err != nil {
		c.disconnect()
	}
	return number, err
}

// disconnect ends the connection without waiting for the server, which may no
// longer answer.
func (c *numberConn) disconnect() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c.conn.Close(ctx)
	c.conn = nil
}

func (c *numberConn) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn != nil {
		c.disconnect()
	}
}
