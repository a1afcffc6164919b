-- The audit log as evidence. The events of each workspace, and those of no
-- workspace, form a chain: every event has the next number of its chain and a
-- hash over the hash before it and all that it says
-- (docs/decisions/audit-chain.md has the encoding).

-- Nothing here is a foreign key: an event says what was so when it happened,
-- whatever becomes of the things it names. For workspace_id there is another
-- reason: whoever writes an event holds the chain's head, and checking the key
-- would mean to wait, holding it, for a change of the workspace that waits for
-- the head.
CREATE TABLE events (
    id           TEXT   NOT NULL PRIMARY KEY,
    workspace_id TEXT   NOT NULL, -- empty: an action on an account, in no workspace
    number       BIGINT,          -- its place in the chain; NULL, as hash: it is in none
    hash         BYTEA,           -- SHA-256
    at           BIGINT NOT NULL,
    actor_kind   TEXT   NOT NULL,
    actor_id     TEXT   NOT NULL,
    action       TEXT   NOT NULL,
    target_id    TEXT   NOT NULL,
    details      TEXT   NOT NULL, -- a JSON object of texts
    address      TEXT   NOT NULL, -- the client's IP
    request_id   TEXT   NOT NULL
);

-- The log of all, of one action, of one target and of one actor, and of one
-- action of or about them: a page of a million rows is a walk along an index. A
-- query says the condition of the index that it is to walk: without that
-- SQLite, which guesses, takes the index of all for two dates and anything
-- else, and walks past everything between them.
CREATE INDEX events_of_workspace ON events (workspace_id, at, id) WHERE id <> '';
CREATE INDEX events_by_action ON events (workspace_id, action, at, id) WHERE action <> '';
CREATE INDEX events_by_target ON events (workspace_id, target_id, at, id) WHERE target_id <> '';
CREATE INDEX events_by_target_and_action ON events (workspace_id, target_id, action, at, id) WHERE target_id <> '';
CREATE INDEX events_by_actor ON events (workspace_id, actor_id, at, id) WHERE actor_id <> '';
CREATE INDEX events_by_actor_and_action ON events (workspace_id, actor_id, action, at, id) WHERE actor_id <> '';

-- To check a chain, or delete its beginning.
CREATE UNIQUE INDEX events_by_number ON events (workspace_id, number);
CREATE INDEX events_without_number ON events (workspace_id, at, id) WHERE number IS NULL;

-- The newest number and hash of each chain. Whoever writes an event holds the
-- row to commit.
CREATE TABLE audit_heads (
    workspace_id TEXT   NOT NULL PRIMARY KEY, -- empty: that of the events of no workspace
    number       BIGINT NOT NULL,
    hash         BYTEA  NOT NULL
);
