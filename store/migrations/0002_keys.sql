-- API keys. A row outlives its key: a revoked key stays, so that a check can say "revoked" and the audit trail
-- has something to point to.

CREATE TABLE keys (
    id           TEXT   NOT NULL PRIMARY KEY,
    workspace_id TEXT   NOT NULL REFERENCES workspaces (id),
    owner_id     TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    hint         TEXT   NOT NULL,
    algorithm    TEXT   NOT NULL, -- of digest: 'sha256'. A second one can be told apart when it comes
    digest       BYTEA  NOT NULL UNIQUE,
    created_by   TEXT   REFERENCES users (id), -- NULL: the operator
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    revoked_at   BIGINT,
    revoked_by   TEXT   REFERENCES users (id), -- NULL: the operator, or not revoked
    nonce        TEXT,
    FOREIGN KEY (workspace_id, owner_id) REFERENCES members (workspace_id, user_id)
);

-- A form that is sent twice makes one key. The operator (NULL) counts as one person.
CREATE UNIQUE INDEX keys_by_nonce ON keys (workspace_id, COALESCE(created_by, ''), nonce) WHERE nonce IS NOT NULL;

-- One index for each tab of the list, for everybody's keys and for one member's: a page is then a walk along
-- an index, and as fast in a workspace of 100,000 keys as in one of 50. A key is in the indexes of its state
-- only. expires_at ends the index of active keys so that expired ones are passed over without a look at their rows.
--
-- The columns after id in the indexes of expiring keys are those of their conditions: SQLite looks there for
-- them, and so counts expired keys without a look at their rows either.
--
-- algorithm <> '' is true of every key. It marks the indexes of everybody's keys, and the queries for everybody's
-- keys say it too: without it SQLite, which guesses, takes these for one member's keys as well and walks past
-- everybody else's.
CREATE INDEX keys_unrevoked ON keys (workspace_id, created_at, id, expires_at)
    WHERE revoked_at IS NULL AND algorithm <> '';
CREATE INDEX keys_unrevoked_of_owner ON keys (workspace_id, owner_id, created_at, id, expires_at)
    WHERE revoked_at IS NULL;
CREATE INDEX keys_expiring ON keys (workspace_id, expires_at, id, revoked_at, algorithm)
    WHERE revoked_at IS NULL AND expires_at IS NOT NULL AND algorithm <> '';
CREATE INDEX keys_expiring_of_owner ON keys (workspace_id, owner_id, expires_at, id, revoked_at)
    WHERE revoked_at IS NULL AND expires_at IS NOT NULL;
CREATE INDEX keys_revoked ON keys (workspace_id, revoked_at, id)
    WHERE revoked_at IS NOT NULL AND algorithm <> '';
CREATE INDEX keys_revoked_of_owner ON keys (workspace_id, owner_id, revoked_at, id)
    WHERE revoked_at IS NOT NULL;

-- Last uses are apart from the keys: they are written every few seconds, by upsert, and rewriting a key's row
-- and its indexes for each would cost many times as much.
CREATE TABLE key_usage (
    key_id       TEXT   NOT NULL PRIMARY KEY REFERENCES keys (id),
    last_used_at BIGINT NOT NULL,
    address      TEXT   NOT NULL
);
