-- Workspaces, the users in them, and invitations to them.
--
-- Here and in all files that follow: ids are made by the program; times are
-- microseconds since 1970 UTC, and NULL is "never" or "not"; texts are empty
-- rather than NULL unless they refer to a row. The SQL runs unchanged on SQLite
-- and PostgreSQL. SQLite lets a TEXT primary key be NULL, hence NOT NULL beside
-- every one.

-- A deleted workspace stays as a row, for what refers to it; nothing finds it,
-- and its slug stays taken.
CREATE TABLE workspaces (
    id               TEXT   NOT NULL PRIMARY KEY,
    slug             TEXT   NOT NULL UNIQUE, -- its name in URLs
    slug_look        TEXT   NOT NULL DEFAULT '', -- the slug without what people misread, so that no two look alike
    old_slug         TEXT   NOT NULL DEFAULT '', -- the slug before the last change
    old_slug_until   BIGINT,                 -- how long old_slug leads here
    name             TEXT   NOT NULL,
    created_at       BIGINT NOT NULL,
    disabled_at      BIGINT,                 -- since when all its keys are disabled
    deleted_at       BIGINT,
    key_policy       TEXT   NOT NULL DEFAULT '', -- what new keys may be, as JSON; empty: anything
    required_sign_in TEXT   NOT NULL DEFAULT '', -- '', 'second_factor', 'passkey' or 'provider'
    required_from    BIGINT,                 -- from when on it is required
    audit_days       BIGINT NOT NULL DEFAULT 0 -- how many days audit events are kept; 0: forever
);

CREATE INDEX workspaces_by_age ON workspaces (created_at, id);
CREATE INDEX workspaces_by_look ON workspaces (slug_look);
CREATE INDEX workspaces_by_old_slug ON workspaces (old_slug) WHERE old_slug <> '';

-- The scopes that keys of a workspace can be restricted to, and templates of
-- them. Whoever adds or edits a key reads it whole.
CREATE TABLE scope_catalogues (
    workspace_id TEXT NOT NULL PRIMARY KEY REFERENCES workspaces (id),
    catalogue    TEXT NOT NULL -- JSON
);

-- A service account is a user too, and nobody signs in as one. Its email is its
-- own id: the column needs a value that is unique, and no email is an id.
CREATE TABLE users (
    id                 TEXT    NOT NULL PRIMARY KEY,
    service            BOOLEAN NOT NULL DEFAULT FALSE,
    email              TEXT    NOT NULL UNIQUE, -- folded, so that two spellings can't be two accounts
    name               TEXT    NOT NULL,
    password_hash      TEXT    NOT NULL, -- empty until a password is set
    created_at         BIGINT  NOT NULL,
    confirmed_at       BIGINT,           -- when the email was proven to be the user's
    -- Each change of how a user signs in raises the version: a password, code,
    -- passkey or provider's answer that was verified under an older one starts
    -- no session.
    credential_version BIGINT  NOT NULL DEFAULT 0
);

-- A member who was removed stays as a row, for the revoked keys that refer to
-- it; nothing finds it.
CREATE TABLE members (
    workspace_id   TEXT    NOT NULL REFERENCES workspaces (id),
    user_id        TEXT    NOT NULL REFERENCES users (id),
    role           TEXT    NOT NULL,
    active         BOOLEAN NOT NULL,
    created_at     BIGINT  NOT NULL,
    -- Both counts are kept in the transaction that adds or revokes a key:
    -- counting 100,000 keys for the tabs of a page would cost more than the
    -- page.
    unrevoked_keys BIGINT  NOT NULL DEFAULT 0,
    revoked_keys   BIGINT  NOT NULL DEFAULT 0,
    removed_at     BIGINT,
    -- The member to whom the keys of a removed member go; until each has been
    -- handed over, they act as that member's. NULL: they are revoked.
    keys_to        TEXT,
    PRIMARY KEY (workspace_id, user_id)
);

CREATE INDEX members_by_standing ON members (workspace_id, created_at, user_id);
CREATE INDEX members_of_user ON members (user_id);
CREATE INDEX members_by_keys_to ON members (workspace_id, keys_to) WHERE keys_to IS NOT NULL;

-- At most one invitation per email. Of the token in its link only the SHA-256
-- digest is stored.
CREATE TABLE invitations (
    id           TEXT   NOT NULL PRIMARY KEY,
    workspace_id TEXT   NOT NULL REFERENCES workspaces (id),
    email        TEXT   NOT NULL, -- folded
    role         TEXT   NOT NULL,
    digest       BYTEA  NOT NULL UNIQUE,
    invited_by   TEXT   REFERENCES users (id), -- NULL: the operator
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    UNIQUE (workspace_id, email)
);
