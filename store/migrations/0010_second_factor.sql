-- The second factor of a person: codes by time (RFC 6238), and codes for when the device is lost.
CREATE TABLE totps (
    user_id    TEXT   NOT NULL PRIMARY KEY REFERENCES users (id),
    secret     BYTEA  NOT NULL,
    last_step  BIGINT NOT NULL, -- the newest time step whose code was used: none works twice
    created_at BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    user_id TEXT  NOT NULL REFERENCES users (id),
    digest  BYTEA NOT NULL, -- SHA-256
    PRIMARY KEY (user_id, digest)
);
