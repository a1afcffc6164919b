-- A key may be given a new secret and stay the same key. Its present secret is in its own row, with a number that counts from 0; those it
-- had before are here for good, so that a check can say of them that they have ended.
ALTER TABLE keys ADD COLUMN secret_number BIGINT NOT NULL DEFAULT 0;

CREATE TABLE old_secrets (
    digest     BYTEA  NOT NULL PRIMARY KEY,
    key_id     TEXT   NOT NULL REFERENCES keys (id),
    number     BIGINT NOT NULL,
    hint       TEXT   NOT NULL,
    rotated_at BIGINT NOT NULL, -- when the next took its place
    rotated_by TEXT   REFERENCES users (id),
    ends_at    BIGINT NOT NULL  -- it is as good as the next until then
);

CREATE UNIQUE INDEX old_secrets_of_key ON old_secrets (key_id, number);

-- From where and by which programs a key is used of late, by which of its secrets, and what the checks came to. Only the newest of each key
-- are kept. Like key_hours it has no foreign key.
CREATE TABLE key_sources (
    key_id   TEXT   NOT NULL,
    secret   BIGINT NOT NULL, -- its number
    address  TEXT   NOT NULL,
    agent    TEXT   NOT NULL,
    decision TEXT   NOT NULL,
    checks   BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    PRIMARY KEY (key_id, secret, address, agent, decision)
);
