-- Each change of how a person signs in raises their version: a password, code,
-- passkey or provider's answer that was verified under an older one starts no
-- session.
ALTER TABLE users ADD COLUMN credential_version BIGINT NOT NULL DEFAULT 0;

-- The version under which a sign-in that waits for its code was begun.
ALTER TABLE one_time_tokens ADD COLUMN credential_version BIGINT NOT NULL DEFAULT 0;

-- All tokens of a person are deleted at once now.
DROP INDEX one_time_tokens_of_user;

CREATE INDEX one_time_tokens_of_user ON one_time_tokens (user_id, purpose);
