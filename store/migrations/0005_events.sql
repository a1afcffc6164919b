-- The audit trail. Rows are only ever added. Actor and target are no foreign keys: an event says what was so
-- when it happened, whatever becomes of the things it names.

CREATE TABLE events (
    id           TEXT   NOT NULL PRIMARY KEY,
    workspace_id TEXT   REFERENCES workspaces (id), -- NULL: an act on an account in no workspace
    at           BIGINT NOT NULL,
    actor_kind   TEXT   NOT NULL,
    actor_id     TEXT   NOT NULL,
    action       TEXT   NOT NULL,
    target_id    TEXT   NOT NULL,
    details      TEXT   NOT NULL, -- a JSON object of texts
    address      TEXT   NOT NULL,
    request_id   TEXT   NOT NULL
);

CREATE INDEX events_of_workspace ON events (workspace_id, at, id);
