-- Signing in: sessions, links that work once, and the brakes on guessing. Tokens are stored as SHA-256 digests
-- only, so that a copy of the database signs nobody in.

CREATE TABLE sessions (
    digest       BYTEA  NOT NULL PRIMARY KEY,
    workspace_id TEXT   NOT NULL,
    user_id      TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL,
    address      TEXT   NOT NULL,
    user_agent   TEXT   NOT NULL,
    FOREIGN KEY (workspace_id, user_id) REFERENCES members (workspace_id, user_id)
);

CREATE INDEX sessions_of_user ON sessions (user_id);

-- These two are for the sweep of sessions that are past a limit.
CREATE INDEX sessions_by_seen ON sessions (seen_at);
CREATE INDEX sessions_by_age ON sessions (created_at);

CREATE TABLE one_time_tokens (
    digest     BYTEA  NOT NULL PRIMARY KEY,
    purpose    TEXT   NOT NULL,
    user_id    TEXT   REFERENCES users (id), -- NULL: nobody's, as the link that sets up the first workspace
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);

CREATE INDEX one_time_tokens_of_user ON one_time_tokens (purpose, user_id);

-- subject is no foreign key: it may be a network address, or an account that does not exist.
CREATE TABLE throttles (
    subject        TEXT   NOT NULL PRIMARY KEY,
    failures       BIGINT NOT NULL,
    last_failed_at BIGINT NOT NULL,
    blocked_until  BIGINT
);

CREATE INDEX throttles_by_age ON throttles (last_failed_at);

CREATE TABLE known_devices (
    user_id    TEXT   NOT NULL REFERENCES users (id),
    device     BYTEA  NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, device)
);
