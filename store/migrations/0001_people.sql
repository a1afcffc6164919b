-- Workspaces, the people, and who is a member of what.
--
-- Here and in all that follows: ids are made by the program; times are microseconds since 1970 UTC, and NULL
-- is "never"; the text runs unchanged on SQLite and PostgreSQL. SQLite lets a TEXT primary key be NULL, hence
-- NOT NULL beside every one.

CREATE TABLE workspaces (
    id         TEXT   NOT NULL PRIMARY KEY,
    slug       TEXT   NOT NULL UNIQUE,
    name       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX workspaces_by_age ON workspaces (created_at, id);

-- email is stored folded, so that two spellings can't be two accounts.
CREATE TABLE users (
    id            TEXT   NOT NULL PRIMARY KEY,
    email         TEXT   NOT NULL UNIQUE,
    name          TEXT   NOT NULL,
    password_hash TEXT   NOT NULL, -- empty until a password is set
    created_at    BIGINT NOT NULL
);

-- unrevoked_keys and revoked_keys are kept by whatever adds or revokes a key, in its transaction: counting
-- 100,000 keys for the tabs of a page would cost more than the page.
CREATE TABLE members (
    workspace_id   TEXT    NOT NULL REFERENCES workspaces (id),
    user_id        TEXT    NOT NULL REFERENCES users (id),
    role           TEXT    NOT NULL,
    active         BOOLEAN NOT NULL,
    created_at     BIGINT  NOT NULL,
    unrevoked_keys BIGINT  NOT NULL DEFAULT 0,
    revoked_keys   BIGINT  NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace_id, user_id)
);

CREATE INDEX members_by_standing ON members (workspace_id, created_at, user_id);
