-- API keys, the secrets that they had, and the changes that every node's index
-- follows.

-- A revoked key stays as a row, so that a verification can say "revoked" and
-- the audit log has something to point to.
CREATE TABLE keys (
    id             TEXT    NOT NULL PRIMARY KEY,
    workspace_id   TEXT    NOT NULL REFERENCES workspaces (id),
    owner_id       TEXT    NOT NULL,
    owner_name     TEXT    NOT NULL DEFAULT '', -- the owner's name, or else email, in lower case: to sort by
    name           TEXT    NOT NULL,
    search         TEXT    NOT NULL DEFAULT '', -- what a key is found by: name in lower case, hint and id

    -- The present secret. A key that is given a new one stays the same key.
    hint           TEXT    NOT NULL,            -- the secret's first and last characters
    algorithm      TEXT    NOT NULL,            -- of digest: 'sha256'. A second one can be told apart when it comes
    digest         BYTEA   NOT NULL UNIQUE,
    secret_number  BIGINT  NOT NULL DEFAULT 0,  -- how many secrets the key had before

    created_by     TEXT    REFERENCES users (id), -- NULL: the operator
    created_at     BIGINT  NOT NULL,
    nonce          TEXT,                        -- of the form that added it

    -- What a key may do. Lists are separated by spaces; an empty one is full
    -- access, or from anywhere. A rate of 0 requests is no limit.
    scopes         TEXT    NOT NULL DEFAULT '',
    addresses      TEXT    NOT NULL DEFAULT '', -- networks, as CIDR prefixes
    rate_requests  BIGINT  NOT NULL DEFAULT 0,
    rate_window    BIGINT  NOT NULL DEFAULT 0,  -- microseconds
    narrowed_by    TEXT    NOT NULL DEFAULT '', -- who narrowed a key that they don't own: a user's id or 'operator'

    -- Only an end in the future is a time that each node compares with its own
    -- clock. One that had passed when it was set is a state, which every node
    -- learns of by its change number.
    expires_at     BIGINT,
    ended          BOOLEAN NOT NULL DEFAULT FALSE, -- expires_at had passed when it was set
    warned         BIGINT  NOT NULL DEFAULT 0,  -- days before expires_at of the last warning: 14, 7 or 1; 0: none

    disabled_at    BIGINT,
    disabled_by    TEXT    REFERENCES users (id),
    revoked_at     BIGINT,
    revoked_by     TEXT    REFERENCES users (id), -- NULL: the operator, or not revoked
    -- '' (nobody said), 'not_needed', 'compromised', 'owner_left', 'holder'
    -- (whoever held the secret revoked the key) or 'other'.
    revoked_reason TEXT    NOT NULL DEFAULT '',

    FOREIGN KEY (workspace_id, owner_id) REFERENCES members (workspace_id, user_id)
);

-- A form that is sent twice adds one key. The operator (NULL) counts as one
-- person.
CREATE UNIQUE INDEX keys_by_nonce ON keys (workspace_id, COALESCE(created_by, ''), nonce) WHERE nonce IS NOT NULL;

-- One index for each tab of the list, for everybody's keys and for one
-- member's: a page is a walk along an index, and as fast in a workspace of
-- 100,000 keys as in one of 50. expires_at ends the indexes of unrevoked keys so
-- that expired ones are passed over without a look at their rows. The columns
-- after id in the indexes of expiring keys are those of their conditions:
-- SQLite then counts expired keys without a look at their rows either.
--
-- algorithm <> '' is true of every key. It marks the indexes of everybody's
-- keys, and queries for everybody's keys say it too: without it SQLite, which
-- guesses, takes these indexes for one member's keys as well and walks past
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

-- The other orders of the list. The CASE says whether a key is revoked, in
-- words that both engines recognize in a query. A search walks along
-- keys_by_name: all that it reads is there. 9000000000000000000 sorts keys that
-- never expire last.
CREATE INDEX keys_by_name ON keys (workspace_id, (CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END), search, id);
CREATE INDEX keys_by_owner ON keys (workspace_id, (CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END), owner_name, id);
CREATE INDEX keys_by_expiry ON keys (workspace_id, (CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END),
    (COALESCE(expires_at, 9000000000000000000)), id);
CREATE INDEX keys_by_creation ON keys (workspace_id, created_at, id) WHERE revoked_at IS NOT NULL AND algorithm <> '';

-- The two filters by access, which also count keys with full access.
CREATE INDEX keys_with_full_access ON keys (workspace_id, created_at, id, expires_at)
    WHERE revoked_at IS NULL AND scopes = '';
CREATE INDEX keys_restricted ON keys (workspace_id, created_at, id, expires_at)
    WHERE revoked_at IS NULL AND scopes <> '';

-- Keys of all workspaces that expire soon, to warn of.
CREATE INDEX keys_ending ON keys (expires_at) WHERE revoked_at IS NULL AND expires_at IS NOT NULL;

-- Secrets that keys had before, so that a verification can say that they have
-- ended. At most 20 are kept of each key.
CREATE TABLE old_secrets (
    digest        BYTEA   NOT NULL PRIMARY KEY,
    key_id        TEXT    NOT NULL REFERENCES keys (id),
    number        BIGINT  NOT NULL, -- how many secrets the key had before this one
    hint          TEXT    NOT NULL,
    rotated_at    BIGINT  NOT NULL, -- when the next secret replaced it
    rotated_by    TEXT    REFERENCES users (id), -- NULL: the operator
    ends_at       BIGINT  NOT NULL, -- until then it works like the next one
    ended         BOOLEAN NOT NULL DEFAULT FALSE, -- retired, or replaced without an overlap
    -- The change that made or last altered the secret, so that a change of a
    -- key need not be followed by all its old secrets.
    change_number BIGINT  NOT NULL DEFAULT 0
);

CREATE UNIQUE INDEX old_secrets_of_key ON old_secrets (key_id, number);
CREATE INDEX old_secrets_by_change ON old_secrets (change_number);
CREATE INDEX old_secrets_by_person ON old_secrets (rotated_by, rotated_at); -- counts recent rotations

-- How every node's index of keys stays exact. Each transaction that can affect
-- a verification takes the next number of this one row and holds the row's lock
-- to its commit: numbers commit in order, and a node that has seen a number has
-- seen all before it.
CREATE TABLE change_counter (
    id     BIGINT NOT NULL PRIMARY KEY CHECK (id = 1), -- one row
    number BIGINT NOT NULL,                            -- the newest: a count, and a random mark in its last 20 bits
    pruned BIGINT NOT NULL                             -- changes up to this number are no longer kept
);

INSERT INTO change_counter (id, number, pruned) VALUES (1, 0, 0);

-- Which things changed, not how: a reader looks up the present facts.
CREATE TABLE changes (
    number       BIGINT NOT NULL,
    kind         TEXT   NOT NULL, -- of subject_id: 'workspace', 'member', 'key', or 'none'
    workspace_id TEXT   NOT NULL,
    subject_id   TEXT   NOT NULL, -- a workspace's, a member's user's, or a key's id
    PRIMARY KEY (number, kind, workspace_id, subject_id)
);
