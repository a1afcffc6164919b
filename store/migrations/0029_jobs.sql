-- Jobs: what is too long for one transaction. Each is done in steps, by one
-- node at a time, and resumed after a restart.
DROP TABLE bulk_acts;

CREATE TABLE jobs (
    id            TEXT   NOT NULL PRIMARY KEY,
    workspace_id  TEXT   NOT NULL REFERENCES workspaces (id),
    kind          TEXT   NOT NULL, -- 'bulk' or 'settle_keys'
    action        TEXT   NOT NULL, -- of 'bulk': 'revoke', 'disable', 'enable' or 'expire'
    reason        TEXT   NOT NULL, -- of 'revoke'
    expires_at    BIGINT,          -- of 'expire'
    member_id     TEXT   NOT NULL, -- of 'settle_keys': the member who was removed

    -- Who started it, for permissions and audit events.
    actor_kind    TEXT   NOT NULL,
    actor_id      TEXT   NOT NULL,
    session_id    TEXT   NOT NULL,
    proven_at     BIGINT,
    proof         TEXT   NOT NULL,
    ip            TEXT   NOT NULL,
    request_id    TEXT   NOT NULL,

    total         BIGINT NOT NULL, -- keys
    done          BIGINT NOT NULL, -- looked at, whether they were to be changed or not
    changed       BIGINT NOT NULL,
    failed        BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    seen_at       BIGINT NOT NULL, -- of the last step
    resumed_at    BIGINT,          -- when another process went on with it
    ended_at      BIGINT,
    outcome       TEXT   NOT NULL, -- '' (not ended), 'done', 'not_allowed' or 'failed'

    -- A node works on a job until its claim ends, and extends it with each
    -- step.
    claimed_by    TEXT   NOT NULL,
    claimed_until BIGINT NOT NULL,
    attempts      BIGINT NOT NULL, -- that failed since the last step
    next_at       BIGINT NOT NULL  -- when to try again
);

CREATE INDEX jobs_running ON jobs (workspace_id, id) WHERE ended_at IS NULL;
CREATE INDEX jobs_by_end ON jobs (ended_at) WHERE ended_at IS NOT NULL;

-- The keys that a bulk job has yet to look at: ids with a space between, a few
-- at a time.
CREATE TABLE job_keys (
    job_id TEXT   NOT NULL REFERENCES jobs (id),
    piece  BIGINT NOT NULL,
    keys   TEXT   NOT NULL,
    PRIMARY KEY (job_id, piece)
);

-- To whom the keys of a removed member go: until each has been handed over,
-- they act as keys of this owner. NULL: they are revoked.
ALTER TABLE members ADD COLUMN keys_to TEXT;

CREATE INDEX members_by_keys_to ON members (workspace_id, keys_to) WHERE keys_to IS NOT NULL;
