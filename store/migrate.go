package store

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one step of the schema: a file migrations/NUMBER_NAME.sql.
//
// The schema only goes forward. A step that is on the main branch is never
// edited, renamed or removed, not even a comment of it: databases remember its
// checksum. Whatever changes the schema is a new file with the next number.
type migration struct {
	number   int64
	name     string // the file's, without .sql
	text     string
	checksum string // SHA-256 of text
}

// migrations returns the steps that this program knows, in order.
func migrations() ([]migration, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	var all []migration
	for i, path := range names {
		text, err := migrationFiles.ReadFile(path)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "migrations/"), ".sql")
		digits, _, _ := strings.Cut(name, "_")
		number, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || number != int64(i+1) {
			return nil, fmt.Errorf("store: migration %s is not number %d", name, i+1)
		}
		sum := sha256.Sum256(text)
		all = append(all, migration{number, name, string(text), hex.EncodeToString(sum[:])})
	}
	return all, nil
}

// Migrate brings the schema up to date and returns the names of the steps that
// it took, none when there was nothing to do. Each step is one transaction;
// programs that migrate at the same time take turns. It fails, and changes
// nothing, when the database is newer than this program or a step that was
// taken is not the step that the program knows.
func (s *Store) Migrate(ctx context.Context) (applied []string, err error) {
	known, err := migrations()
	if err != nil {
		return nil, err
	}
	for {
		name, err := s.migrateOnce(ctx, known)
		if err != nil || name == "" {
			return applied, err
		}
		applied = append(applied, name)
	}
}

// migrateOnce takes the next step and returns its name, or none.
func (s *Store) migrateOnce(ctx context.Context, known []migration) (name string, err error) {
	err = s.inTransaction(ctx, s.engine.write, func(r reader) error {
		if _, err := r.exec(ctx, s.engine.migrationLock); err != nil {
			return err
		}
		if err := s.checkForeign(ctx, r); err != nil {
			return err
		}
		taken, err := r.takenMigrations(ctx)
		if err != nil {
			return err
		}
		if err := checkTaken(taken, known); err != nil || len(taken) == len(known) {
			return err
		}
		next := known[len(taken)]
		if _, err := r.exec(ctx, next.text); err != nil {
			return fmt.Errorf("migration %s: %w", next.name, err)
		}
		name = next.name
		_, err = r.exec(ctx, `
			INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)`,
			next.number, next.name, next.checksum, moment(time.Now()))
		return err
	})
	return name, err
}

// checkForeign refuses a file with tables of another program, so that a wrong
// --db never writes to it.
func (s *Store) checkForeign(ctx context.Context, r reader) error {
	if s.engine.foreign == "" {
		return nil
	}
	tables, err := queryOne(ctx, r, single[int64], s.engine.foreign)
	if err == nil && tables > 0 {
		return schemaError("This file is a database of %s, not of Keylodge. Check its name.", "another program")
	}
	return err
}

// takenMigrations returns the steps that the database has taken, in order.
func (r reader) takenMigrations(ctx context.Context) ([]migration, error) {
	_, err := r.exec(ctx, `
		CREATE TABLE IF NOT EXISTS schema_migrations (
			number     BIGINT NOT NULL PRIMARY KEY,
			name       TEXT   NOT NULL,
			checksum   TEXT   NOT NULL,
			applied_at BIGINT NOT NULL
		)`)
	if err != nil {
		return nil, err
	}
	return r.listMigrations(ctx)
}

func (r reader) listMigrations(ctx context.Context) ([]migration, error) {
	return queryAll(ctx, r, func(m *migration) []any { return []any{&m.number, &m.name, &m.checksum} },
		`SELECT number, name, checksum FROM schema_migrations ORDER BY number`)
}

// checkTaken refuses a database that was not made by the steps that this
// program knows.
func checkTaken(taken, known []migration) error {
	for i, t := range taken {
		switch {
		case i == 0 && t.checksum != known[0].checksum:
			return schemaError("This database was made before the first release of Keylodge (it begins with %s) "+
				"and can't be migrated. Start with an empty database, or run the version that made it.", t.name)
		case t.number > int64(len(known)):
			return schemaError("This database was made by a newer version of Keylodge (it has %s). "+
				"Run that version, or a newer one.", t.name)
		case t.number != known[i].number || t.checksum != known[i].checksum:
			return schemaError("This database was not made by a released version of Keylodge: "+
				"its step %s is not ours. Restore a backup, or run the version that made it.", t.name)
		}
	}
	return nil
}

func schemaError(format, name string) error {
	return &workspace.Error{Kind: workspace.Internal, Message: fmt.Sprintf(format, name)}
}
