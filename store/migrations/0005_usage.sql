-- How keys are used. These tables are written every few seconds for thousands
-- of keys, hence apart from keys and without foreign keys: looking at each
-- key's row would cost more than the rest, a key's row is never removed, and
-- rows that a restored backup does not know do no harm.

-- Each key's last use; every key has a row, so that the list is sorted by it.
CREATE TABLE last_uses (
    key_id       TEXT   NOT NULL PRIMARY KEY,
    workspace_id TEXT   NOT NULL DEFAULT '',
    revoked      BIGINT NOT NULL DEFAULT 0, -- 1 when the key is revoked
    last_used_at BIGINT NOT NULL,           -- 0: never
    address      TEXT   NOT NULL,           -- the client's IP
    agent        TEXT   NOT NULL            -- the family of the client's program, such as "curl"
);

CREATE INDEX last_uses_in_order ON last_uses (workspace_id, revoked, last_used_at, key_id);

-- Verifications of a key within an hour, by their decision.
CREATE TABLE key_hours (
    key_id   TEXT   NOT NULL,
    hour     BIGINT NOT NULL, -- its beginning
    decision TEXT   NOT NULL,
    checks   BIGINT NOT NULL, -- how many
    PRIMARY KEY (key_id, hour, decision)
);

CREATE INDEX key_hours_by_age ON key_hours (hour);

-- The same of all keys of a workspace together: what the overview draws.
CREATE TABLE workspace_hours (
    workspace_id TEXT   NOT NULL,
    hour         BIGINT NOT NULL,
    decision     TEXT   NOT NULL,
    checks       BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, hour, decision)
);

CREATE INDEX workspace_hours_by_age ON workspace_hours (hour);

-- Where a key was used from recently: which secret, IP and program, and what
-- the verifications came to. Only the newest of each key are kept.
CREATE TABLE key_sources (
    key_id   TEXT   NOT NULL,
    secret   BIGINT NOT NULL, -- its number
    address  TEXT   NOT NULL,
    agent    TEXT   NOT NULL,
    decision TEXT   NOT NULL,
    checks   BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    PRIMARY KEY (key_id, secret, address, agent, decision)
);

-- Batches of usage that were recorded: one whose answer was lost, and that is
-- sent again, counts once.
CREATE TABLE usage_batches (
    id          TEXT   NOT NULL PRIMARY KEY,
    recorded_at BIGINT NOT NULL
);

CREATE INDEX usage_batches_by_age ON usage_batches (recorded_at);
