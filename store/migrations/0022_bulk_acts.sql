-- What somebody does to many keys at once, in many transactions, and how far that has got.
CREATE TABLE bulk_acts (
    id           TEXT   NOT NULL PRIMARY KEY,
    workspace_id TEXT   NOT NULL REFERENCES workspaces (id),
    user_id      TEXT   NOT NULL,
    act          TEXT   NOT NULL,
    total        BIGINT NOT NULL,
    done         BIGINT NOT NULL, -- looked at, whether it was to be changed or not
    changed      BIGINT NOT NULL,
    failed       BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL, -- when it last got further
    ended_at     BIGINT
);

CREATE INDEX bulk_acts_by_age ON bulk_acts (seen_at);
