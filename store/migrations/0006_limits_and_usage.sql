-- What a key is held to, what can be switched off for a time, and how often keys are checked.

-- scopes and addresses are separated by spaces; empty: full access, from anywhere. A rate of 0 requests is no limit; its
-- window is in microseconds.
ALTER TABLE keys ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN addresses TEXT NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN rate_requests BIGINT NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN rate_window BIGINT NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN disabled_at BIGINT;
ALTER TABLE keys ADD COLUMN disabled_by TEXT REFERENCES users (id);

ALTER TABLE workspaces ADD COLUMN disabled_at BIGINT;

-- The family of the program that used a key last, such as "curl".
ALTER TABLE key_usage ADD COLUMN agent TEXT NOT NULL DEFAULT '';

-- Checks of a key within an hour, by what they came to. key_id is no foreign key: rows are added up every few seconds, a
-- key's row is never removed, and what a restored backup does not know does no harm.
CREATE TABLE key_hours (
    key_id   TEXT   NOT NULL,
    hour     BIGINT NOT NULL, -- its beginning
    decision TEXT   NOT NULL,
    checks   BIGINT NOT NULL,
    PRIMARY KEY (key_id, hour, decision)
);

CREATE INDEX key_hours_by_age ON key_hours (hour);

-- Batches of usage that were recorded, so that one whose answer was lost and that is sent again counts once.
CREATE TABLE usage_batches (
    id          TEXT   NOT NULL PRIMARY KEY,
    recorded_at BIGINT NOT NULL
);

CREATE INDEX usage_batches_by_age ON usage_batches (recorded_at);
