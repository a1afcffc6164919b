-- What users sign in with, their sessions, links that work once, and the brakes
-- on guessing. Of tokens and codes only SHA-256 digests are stored, so that a
-- copy of the database signs nobody in.

CREATE TABLE sessions (
    digest       BYTEA  NOT NULL PRIMARY KEY, -- of the cookie's token
    workspace_id TEXT   NOT NULL,
    user_id      TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL, -- when it was last used
    -- How the session began: 'password', 'code' (a password and a code),
    -- 'passkey' or 'provider'.
    method       TEXT   NOT NULL DEFAULT 'password',
    proof        TEXT   NOT NULL DEFAULT '', -- by which method the user last proved who they are
    -- When that was, which may be before the session began: a provider may have
    -- begun it without asking the user. NULL: the provider did not say.
    proven_at    BIGINT,
    address      TEXT   NOT NULL, -- the client's IP when it began
    user_agent   TEXT   NOT NULL,
    FOREIGN KEY (workspace_id, user_id) REFERENCES members (workspace_id, user_id)
);

CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_by_seen ON sessions (seen_at);   -- this and the next to delete expired ones
CREATE INDEX sessions_by_age ON sessions (created_at);

-- Links and ceremonies that work once.
CREATE TABLE one_time_tokens (
    digest             BYTEA  NOT NULL PRIMARY KEY,
    purpose            TEXT   NOT NULL,
    user_id            TEXT   REFERENCES users (id), -- NULL: nobody's, as the link that sets up the first workspace
    created_at         BIGINT NOT NULL,
    expires_at         BIGINT,
    data               TEXT   NOT NULL DEFAULT '', -- what its use must find again, such as a passkey's challenge
    credential_version BIGINT NOT NULL DEFAULT 0   -- of a sign-in that waits for its code: the version it began under
);

CREATE INDEX one_time_tokens_of_user ON one_time_tokens (user_id, purpose);
CREATE INDEX one_time_tokens_by_end ON one_time_tokens (expires_at);

-- Failures that slow down guessing. subject is no foreign key: it may be an IP,
-- or an account that does not exist.
CREATE TABLE throttles (
    subject        TEXT   NOT NULL PRIMARY KEY,
    failures       BIGINT NOT NULL,
    last_failed_at BIGINT NOT NULL,
    blocked_until  BIGINT
);

CREATE INDEX throttles_by_age ON throttles (last_failed_at);

-- Browsers that a user has signed in from before.
CREATE TABLE known_devices (
    user_id    TEXT   NOT NULL REFERENCES users (id),
    device     BYTEA  NOT NULL, -- digest of the browser's cookie
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, device)
);

CREATE INDEX known_devices_by_age ON known_devices (created_at); -- to delete the expired ones

-- Authenticator apps (RFC 6238).
CREATE TABLE totps (
    user_id    TEXT   NOT NULL PRIMARY KEY REFERENCES users (id),
    secret     BYTEA  NOT NULL,
    last_step  BIGINT NOT NULL, -- the newest time step whose code was used: none works twice
    created_at BIGINT NOT NULL
);

-- Codes for when the authenticator is lost.
CREATE TABLE recovery_codes (
    user_id TEXT  NOT NULL REFERENCES users (id),
    digest  BYTEA NOT NULL,
    PRIMARY KEY (user_id, digest)
);

-- WebAuthn credentials.
CREATE TABLE passkeys (
    id         TEXT   NOT NULL PRIMARY KEY,
    user_id    TEXT   NOT NULL REFERENCES users (id),
    credential BYTEA  NOT NULL UNIQUE, -- its id, as the authenticator made it
    site       TEXT   NOT NULL,        -- the host that it works on
    name       TEXT   NOT NULL,
    data       TEXT   NOT NULL,        -- its public part, as JSON
    created_at BIGINT NOT NULL,
    used_at    BIGINT
);

CREATE INDEX passkeys_of_user ON passkeys (user_id, id);

-- Identity providers of a workspace (OpenID Connect). Lists are separated by
-- spaces.
CREATE TABLE providers (
    id              TEXT    NOT NULL PRIMARY KEY,
    workspace_id    TEXT    NOT NULL REFERENCES workspaces (id),
    name            TEXT    NOT NULL,
    issuer          TEXT    NOT NULL,
    client_id       TEXT    NOT NULL,
    client_secret   TEXT    NOT NULL, -- as it is, because it is sent to the provider as it is
    scopes          TEXT    NOT NULL DEFAULT '', -- asked for beside openid, email and profile, e.g. to learn groups
    domains         TEXT    NOT NULL, -- email domains whose users may join without an invitation; empty: none
    new_role        TEXT    NOT NULL, -- the role they join with; empty: nobody joins without an invitation
    role_claim      TEXT    NOT NULL, -- the claim that says a user's role; empty: roles are set in Keylodge only
    role_map        TEXT    NOT NULL, -- VALUE=ROLE pairs, the values percent-encoded
    -- Whether an owner has saved the provider's issuer, client ID and secret as
    -- they are. Only then may it sign in owners: an admin who runs a provider
    -- could sign in as anyone.
    signs_in_owners BOOLEAN NOT NULL DEFAULT FALSE,
    created_at      BIGINT  NOT NULL
);

CREATE INDEX providers_of_workspace ON providers (workspace_id, id);

-- Who a user is at a provider. Only issuer and subject say so, never an email.
CREATE TABLE identities (
    issuer     TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    user_id    TEXT   NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (issuer, subject)
);

CREATE INDEX identities_of_user ON identities (user_id);
