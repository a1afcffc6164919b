-- How a session was begun, so that a workspace can require more than a password: 'password', 'code' (a password and a code),
-- 'passkey' or 'provider'.
ALTER TABLE sessions ADD COLUMN method TEXT NOT NULL DEFAULT 'password';

-- What a workspace requires of a session: '' (nothing more), 'second_factor', 'passkey' or 'provider', from a moment on.
ALTER TABLE workspaces ADD COLUMN required_sign_in TEXT NOT NULL DEFAULT '';
ALTER TABLE workspaces ADD COLUMN required_from BIGINT;

-- What the second half of something must find again, such as the challenge of a passkey.
ALTER TABLE one_time_tokens ADD COLUMN data TEXT NOT NULL DEFAULT '';

-- For the sweep of those that were never used.
CREATE INDEX one_time_tokens_by_end ON one_time_tokens (expires_at);

-- Passkeys (WebAuthn). data is the credential's public part as JSON; site is the host that it is good for.
CREATE TABLE passkeys (
    id         TEXT   NOT NULL PRIMARY KEY,
    user_id    TEXT   NOT NULL REFERENCES users (id),
    credential BYTEA  NOT NULL UNIQUE, -- its id, as the authenticator made it
    site       TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    data       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT
);

CREATE INDEX passkeys_of_user ON passkeys (user_id, id);
