-- The audit trail as evidence. The events of a workspace, and those of no workspace, are a chain each: every event has the next
-- number of its chain and a hash over the hash before it and all that it says (docs/decisions/audit-chain.md has the encoding).
--
-- The table is made anew because workspace_id was a foreign key. Whoever writes an event holds the chain's head; to check the
-- key as well would mean to wait, with the head in hand, for whoever gives the workspace another address, who waits for the head.
ALTER TABLE events RENAME TO events_without_chains;

CREATE TABLE events (
    id           TEXT   NOT NULL PRIMARY KEY,
    workspace_id TEXT   NOT NULL, -- '': an act on an account in no workspace
    number       BIGINT, -- NULL, as hash: from before there were chains
    hash         BYTEA,  -- SHA-256
    at           BIGINT NOT NULL,
    actor_kind   TEXT   NOT NULL,
    actor_id     TEXT   NOT NULL,
    action       TEXT   NOT NULL,
    target_id    TEXT   NOT NULL,
    details      TEXT   NOT NULL, -- a JSON object of texts
    address      TEXT   NOT NULL,
    request_id   TEXT   NOT NULL
);

INSERT INTO events (id, workspace_id, at, actor_kind, actor_id, action, target_id, details, address, request_id)
SELECT id, COALESCE(workspace_id, ''), at, actor_kind, actor_id, action, target_id, details, address, request_id
FROM events_without_chains ORDER BY at, id;

DROP TABLE events_without_chains;

-- For the log of all, of one thing, of one person, and of one sort of act: a page of a million rows is a walk along an index.
CREATE INDEX events_of_workspace ON events (workspace_id, at, id);
CREATE INDEX events_by_target ON events (workspace_id, target_id, at, id);
CREATE INDEX events_by_actor ON events (workspace_id, actor_id, at, id);
CREATE INDEX events_by_action ON events (workspace_id, action, at, id);

-- For whoever checks a chain or deletes its beginning.
CREATE UNIQUE INDEX events_by_number ON events (workspace_id, number);
CREATE INDEX events_without_number ON events (workspace_id, at, id) WHERE number IS NULL;

-- The newest number and hash of each chain. Whoever writes an event holds the row to commit.
CREATE TABLE audit_heads (
    workspace_id TEXT   NOT NULL PRIMARY KEY, -- '': that of the events of no workspace
    number       BIGINT NOT NULL,
    hash         BYTEA  NOT NULL
);

-- How many days the audit log is kept; 0: for ever.
ALTER TABLE workspaces ADD COLUMN audit_days BIGINT NOT NULL DEFAULT 0;
