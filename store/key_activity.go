package store

import (
	"context"
	"fmt"

	"github.com/keylodge/keylodge/internal/workspace"
)

// KeySources implements [workspace.Reader].
func (r reader) KeySources(ctx context.Context, keyID string) ([]workspace.KeySource, error) {
	return queryAll(ctx, r, func(s *workspace.KeySource) []any {
		return []any{&s.KeyID, &s.SecretNumber, (*address)(&s.IP), &s.Agent, &s.Decision, &s.Checks, (*moment)(&s.At)}
	}, `SELECT key_id, secret, address, agent, decision, checks, last_at FROM key_sources WHERE key_id = $1
		ORDER BY last_at DESC, secret DESC, address, agent, decision`, keyID)
}

func (r reader) recordSources(ctx context.Context, sources []workspace.KeySource) error {
	args := make([]any, 0, 7*len(sources))
	for _, s := range sources {
		args = append(args, s.KeyID, s.SecretNumber, address(s.IP), s.Agent, string(s.Decision), s.Checks, moment(s.At))
	}
	_, err := r.exec(ctx, `
		INSERT INTO key_sources (key_id, secret, address, agent, decision, checks, last_at)
		VALUES `+places(len(sources), 7)+`
		ON CONFLICT (key_id, secret, address, agent, decision) DO UPDATE
			SET checks = key_sources.checks + excluded.checks,
			last_at = CASE WHEN excluded.last_at > key_sources.last_at THEN excluded.last_at
				ELSE key_sources.last_at END`, args...)
	return err
}

// forgetOldSources keeps the newest sources of each key that has gained some.
// Few have too many.
func (r reader) forgetOldSources(ctx context.Context, gained []workspace.KeySource) error {
	for some := range chunks(gained) {
		args := make([]any, 0, len(some)+1)
		for _, s := range some {
			args = append(args, s.KeyID)
		}
		crowded, err := queryAll(ctx, r, single[string], `
			SELECT key_id FROM key_sources WHERE key_id IN (VALUES `+places(len(some), 1)+fmt.Sprintf(`)
				GROUP BY key_id HAVING COUNT(*) > $%d`, len(some)+1),
			append(args, workspace.SourcesKept)...)
		if err != nil {
			return err
		}
		for _, keyID := range crowded {
			if err := r.forgetSources(ctx, keyID); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetSources keeps the newest sources of a key.
func (r reader) forgetSources(ctx context.Context, keyID string) error {
	_, err := r.exec(ctx, `
		DELETE FROM key_sources WHERE key_id = $1
			AND last_at < (SELECT last_at FROM key_sources WHERE key_id = $1 ORDER BY last_at DESC LIMIT 1 OFFSET $2)`,
		keyID, workspace.SourcesKept-1)
	return err
}
