-- Service accounts: owners of keys that are nobody's person. One is a row of users whose email is its own id, as the column
-- wants something that is unique and no address is an id. Nobody signs in as one.
ALTER TABLE users ADD COLUMN service BOOLEAN NOT NULL DEFAULT FALSE;

-- A member who was removed stays as a row, for the revoked keys that refer to it, and is found by nobody.
ALTER TABLE members ADD COLUMN removed_at BIGINT;
