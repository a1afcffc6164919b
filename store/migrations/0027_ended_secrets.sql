-- What ends now is a state, which every node learns of by its change number,
-- not a time that each node compares to its own clock. Only ends in the future
-- are times.

-- The end that the key was given had passed when it was given.
ALTER TABLE keys ADD COLUMN ended BOOLEAN NOT NULL DEFAULT FALSE;

-- The secret was retired, or replaced without an overlap.
ALTER TABLE old_secrets ADD COLUMN ended BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE old_secrets SET ended = TRUE WHERE ends_at <= rotated_at;

-- The change that made or last altered the secret, so that a change of a key
-- need not be followed by all its old secrets.
ALTER TABLE old_secrets ADD COLUMN change_number BIGINT NOT NULL DEFAULT 0;
CREATE INDEX old_secrets_by_change ON old_secrets (change_number);

-- Counts the keys that a person rotated recently.
CREATE INDEX old_secrets_by_person ON old_secrets (rotated_by, rotated_at);

-- At most 20 are kept of each key.
DELETE FROM old_secrets WHERE number < (SELECT k.secret_number - 20 FROM keys k WHERE k.id = old_secrets.key_id);
