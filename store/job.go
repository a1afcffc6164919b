package store

import (
	"context"

	"github.com/keylodge/keylodge/internal/workspace"
)

const (
	jobFields = `id, workspace_id, kind, action, reason, expires_at, member_id, owner_name,
		actor_kind, actor_id, session_id, proven_at, proof, ip, request_id,
		total, done, changed, failed, created_at, seen_at, resumed_at, ended_at, outcome,
		claimed_by, claimed_until, attempts, next_at`

	// claimable is the condition of jobs that node $1 could claim at $2.
	claimable = `ended_at IS NULL AND next_at <= $2 AND (claimed_by = $1 OR claimed_until <= $2)`
)

func jobColumns(j *workspace.Job) []any {
	return []any{
		&j.ID, &j.WorkspaceID, &j.Kind, &j.Bulk, &j.Reason, (*moment)(&j.ExpiresAt), &j.MemberID, &j.OwnerName,
		&j.Actor.Kind, &j.Actor.UserID, &j.Actor.SessionID,
		(*moment)(&j.Actor.ProvenAt), &j.Actor.Proof, &j.Actor.IP, &j.Actor.RequestID,
		&j.Total, &j.Done, &j.Changed, &j.Failed,
		(*moment)(&j.CreatedAt), (*moment)(&j.SeenAt), (*moment)(&j.ResumedAt), (*moment)(&j.EndedAt), &j.Outcome,
		&j.ClaimedBy, (*epochMoment)(&j.ClaimedUntil), &j.Attempts, (*epochMoment)(&j.NextAt),
	}
}

// queryJobs returns the jobs that a statement with jobFields returns.
func (r reader) queryJobs(ctx context.Context, text string, args ...any) ([]workspace.Job, error) {
	jobs, err := queryAll(ctx, r, jobColumns, text, args...)
	for i := range jobs {
		jobs[i].Actor.WorkspaceID = jobs[i].WorkspaceID
	}
	return jobs, err
}

func (r reader) queryJob(ctx context.Context, text string, args ...any) (workspace.Job, error) {
	jobs, err := r.queryJobs(ctx, text, args...)
	if err == nil && len(jobs) == 0 {
		err = workspace.ErrNotFound
	}
	if err != nil {
		return workspace.Job{}, err
	}
	return jobs[0], nil
}

// Job implements [workspace.Reader].
func (r reader) Job(ctx context.Context, workspaceID, id string) (workspace.Job, error) {
	return r.queryJob(ctx, `SELECT `+jobFields+` FROM jobs WHERE id = $1 AND workspace_id = $2`, id, workspaceID)
}

// DueJobs implements [workspace.Reader].
func (r reader) DueJobs(ctx context.Context, c workspace.JobClaim) ([]workspace.Job, error) {
	return r.queryJobs(ctx, `
		SELECT `+jobFields+` FROM jobs WHERE id IN (SELECT MIN(id) FROM jobs WHERE `+claimable+` GROUP BY workspace_id)
		ORDER BY seen_at, id LIMIT 1000`, c.Node, moment(c.Now))
}

// limitBulkJobs refuses another bulk job of a workspace that has enough. It
// holds the workspace's row, so that no other is added before the transaction
// ends.
func (t *tx) limitBulkJobs(ctx context.Context, workspaceID string) error {
	if _, err := t.exec(ctx, `UPDATE workspaces SET name = name WHERE id = $1`, workspaceID); err != nil {
		return err
	}
	waiting, err := queryOne(ctx, t.reader, single[int],
		`SELECT COUNT(*) FROM jobs WHERE workspace_id = $1 AND kind = $2 AND ended_at IS NULL`,
		workspaceID, string(workspace.JobBulk))
	if err == nil && waiting >= workspace.MaxBulkJobs {
		err = &workspace.Error{Kind: workspace.Conflict,
			Message: "Too many bulk jobs are waiting. Try again when one is done."}
	}
	return err
}

// InsertJob implements [workspace.Tx].
func (t *tx) InsertJob(ctx context.Context, j workspace.Job, pieces [][]string) error {
	if j.Kind == workspace.JobBulk {
		if err := t.limitBulkJobs(ctx, j.WorkspaceID); err != nil {
			return err
		}
	}
	_, err := t.exec(ctx, `INSERT INTO jobs (`+jobFields+`) VALUES `+places(1, 28),
		j.ID, j.WorkspaceID, string(j.Kind), string(j.Bulk), string(j.Reason), moment(j.ExpiresAt), j.MemberID,
		j.OwnerName,
		string(j.Actor.Kind), j.Actor.UserID, j.Actor.SessionID,
		moment(j.Actor.ProvenAt), string(j.Actor.Proof), j.Actor.IP, j.Actor.RequestID,
		j.Total, j.Done, j.Changed, j.Failed,
		moment(j.CreatedAt), moment(j.SeenAt), moment(j.ResumedAt), moment(j.EndedAt), string(j.Outcome),
		j.ClaimedBy, epochMoment(j.ClaimedUntil), j.Attempts, epochMoment(j.NextAt))
	for i := 0; i < len(pieces) && err == nil; i++ {
		_, err = t.exec(ctx, `INSERT INTO job_keys (job_id, piece, keys) VALUES ($1, $2, $3)`, j.ID, i+1,
			words(pieces[i]))
	}
	return err
}

// ClaimJob implements [workspace.Tx].
func (t *tx) ClaimJob(ctx context.Context, id string, c workspace.JobClaim) (workspace.Job, error) {
	return t.queryJob(ctx, `
		UPDATE jobs SET claimed_by = $1, claimed_until = $3,
			resumed_at = CASE WHEN done > 0 AND claimed_by <> $1 THEN $2 ELSE resumed_at END
		WHERE id = $4 AND `+claimable+` RETURNING `+jobFields,
		c.Node, moment(c.Now), moment(c.Until), id)
}

// JobKeys implements [workspace.Tx].
func (t *tx) JobKeys(ctx context.Context, jobID string) (workspace.JobKeys, error) {
	return queryOne(ctx, t.reader, func(k *workspace.JobKeys) []any { return []any{&k.Piece, (*words)(&k.IDs)} },
		`SELECT piece, keys FROM job_keys WHERE job_id = $1 ORDER BY piece LIMIT 1`, jobID)
}

// AdvanceJob implements [workspace.Tx].
func (t *tx) AdvanceJob(ctx context.Context, j workspace.Job, left workspace.JobKeys) error {
	err := found(t.exec(ctx, `
		UPDATE jobs SET total = $2, done = $3, changed = $4, failed = $5, seen_at = $6, ended_at = $7,
			outcome = $8, attempts = $9, next_at = $10
		WHERE id = $1`,
		j.ID, j.Total, j.Done, j.Changed, j.Failed, moment(j.SeenAt), moment(j.EndedAt), string(j.Outcome), j.Attempts,
		epochMoment(j.NextAt)))
	switch {
	case err != nil:
	case !j.EndedAt.IsZero():
		_, err = t.exec(ctx, `DELETE FROM job_keys WHERE job_id = $1`, j.ID)
	case left.Piece > 0 && len(left.IDs) == 0:
		_, err = t.exec(ctx, `DELETE FROM job_keys WHERE job_id = $1 AND piece = $2`, j.ID, left.Piece)
	case left.Piece > 0:
		_, err = t.exec(ctx, `UPDATE job_keys SET keys = $3 WHERE job_id = $1 AND piece = $2`, j.ID, left.Piece,
			words(left.IDs))
	}
	return err
}

// ReleaseJobs implements [workspace.Tx].
func (t *tx) ReleaseJobs(ctx context.Context, node string) error {
	_, err := t.exec(ctx, `UPDATE jobs SET claimed_until = 0 WHERE ended_at IS NULL AND claimed_by = $1`, node)
	return err
}

// UnrevokedKeyIDs implements [workspace.Reader].
func (r reader) UnrevokedKeyIDs(ctx context.Context, workspaceID, ownerID string, limit int) ([]string, error) {
	return queryAll(ctx, r, single[string], `
		SELECT id FROM keys WHERE workspace_id = $1 AND owner_id = $2 AND revoked_at IS NULL
		ORDER BY created_at, id LIMIT $3`,
		workspaceID, ownerID, limit)
}
