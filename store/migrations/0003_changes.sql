-- How every node's index of keys stays exact. Each transaction that may decide a key check takes the next
-- number of the one counter row, and holds that row's lock to its commit: numbers commit in order, and a node
-- that has seen a number has seen all before it.

CREATE TABLE change_counter (
    id     BIGINT NOT NULL PRIMARY KEY CHECK (id = 1), -- one row
    number BIGINT NOT NULL,                            -- the newest: a count, and a random mark in its last 20 bits
    pruned BIGINT NOT NULL                             -- changes up to this number are no longer kept
);

INSERT INTO change_counter (id, number, pruned) VALUES (1, 0, 0);

-- What changed, not to what: a reader looks up the present facts. subject_id is the id of a workspace, of a
-- member's user, or of a key, as kind says.
CREATE TABLE changes (
    number       BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    workspace_id TEXT   NOT NULL,
    subject_id   TEXT   NOT NULL,
    PRIMARY KEY (number, kind, workspace_id, subject_id)
);
