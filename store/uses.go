package store

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/keylodge/keylodge/workspace"
)

// Uses are written so many at once. A longer statement takes longer to parse than it saves; a longer transaction
// keeps other writers waiting.
const (
	usesPerStatement   = 64
	usesPerTransaction = 8 * usesPerStatement
)

// RecordUses implements [workspace.Store]. Uses go in the order of their keys' ids, so that two nodes that
// record at once wait for each other rather than block each other. When it fails some may have been recorded;
// recording them again does no harm.
func (s *Store) RecordUses(ctx context.Context, uses []workspace.KeyUse) error {
	for some := range slices.Chunk(newestUses(uses), usesPerTransaction) {
		err := s.transact(ctx, s.engine.write, nil, func(r reader) error {
			for batch := range slices.Chunk(some, usesPerStatement) {
				if err := r.recordUses(ctx, batch); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// newestUses returns one use of each key, sorted by id: one statement can't touch a row twice.
func newestUses(uses []workspace.KeyUse) []workspace.KeyUse {
	byKey := make(map[string]workspace.KeyUse, len(uses))
	for _, u := range uses {
		if known, ok := byKey[u.KeyID]; !ok || u.At.After(known.At) {
			byKey[u.KeyID] = u
		}
	}
	return slices.SortedFunc(maps.Values(byKey), func(a, b workspace.KeyUse) int {
		return strings.Compare(a.KeyID, b.KeyID)
	})
}

func (r reader) recordUses(ctx context.Context, uses []workspace.KeyUse) error {
	args := make([]any, 0, 3*len(uses))
	for _, u := range uses {
		args = append(args, u.KeyID, moment(u.At), address(u.Address))
	}
	_, err := r.exec(ctx, `
		INSERT INTO key_usage (key_id, last_used_at, address)
		SELECT used.column1, used.column2, used.column3
		FROM (VALUES `+usePlaces(len(uses))+`) used
		JOIN keys ON keys.id = used.column1
		WHERE TRUE
		ORDER BY used.column1
		ON CONFLICT (key_id) DO UPDATE SET last_used_at = excluded.last_used_at, address = excluded.address
		WHERE excluded.last_used_at > key_usage.last_used_at`, args...)
	return err
}

// usePlaces returns n rows of placeholders. The first says the types, which PostgreSQL can't guess.
func usePlaces(n int) string {
	var b strings.Builder
	b.WriteString(`(CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS TEXT))`)
	for i := 1; i < n; i++ {
		b.WriteString(`, ($` + strconv.Itoa(3*i+1) + `, $` + strconv.Itoa(3*i+2) + `, $` + strconv.Itoa(3*i+3) + `)`)
	}
	return b.String()
}
