-- The list of keys is sorted by any column, and a page is a walk along an index whichever that is. The CASE says in which half of the
-- list a key is, in words that both engines find again in a query.

-- The owner's name in lower case, or else the address. The program keeps it true.
ALTER TABLE keys ADD COLUMN owner_name TEXT NOT NULL DEFAULT '';

UPDATE keys SET owner_name = (SELECT LOWER(COALESCE(NULLIF(u.name, ''), u.email, '')) FROM users u WHERE u.id = keys.owner_id);

-- A search looks along the first of these too: what it reads is all there.
CREATE INDEX keys_by_name ON keys (workspace_id, (CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END), search, id);
CREATE INDEX keys_by_owner ON keys (workspace_id, (CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END), owner_name, id);
CREATE INDEX keys_by_expiry ON keys (workspace_id, (CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END), (COALESCE(expires_at, 9000000000000000000)), id);
CREATE INDEX keys_by_creation ON keys (workspace_id, created_at, id) WHERE revoked_at IS NOT NULL AND algorithm <> '';

-- Each key has a last use, 0 for never, so that they are sorted by it; the row says of which workspace, and which half of the list.
ALTER TABLE last_uses ADD COLUMN workspace_id TEXT NOT NULL DEFAULT '';
ALTER TABLE last_uses ADD COLUMN revoked BIGINT NOT NULL DEFAULT 0;

INSERT INTO last_uses (key_id, last_used_at, address, agent)
    SELECT k.id, 0, '', '' FROM keys k WHERE NOT EXISTS (SELECT 1 FROM last_uses u WHERE u.key_id = k.id);

DELETE FROM last_uses WHERE NOT EXISTS (SELECT 1 FROM keys k WHERE k.id = last_uses.key_id);

UPDATE last_uses SET
    workspace_id = (SELECT k.workspace_id FROM keys k WHERE k.id = last_uses.key_id),
    revoked = (SELECT CASE WHEN k.revoked_at IS NULL THEN 0 ELSE 1 END FROM keys k WHERE k.id = last_uses.key_id);

CREATE INDEX last_uses_in_order ON last_uses (workspace_id, revoked, last_used_at, key_id);

-- How often the keys of a workspace are checked, hour by hour: what the overview draws.
CREATE TABLE workspace_hours (
    workspace_id TEXT   NOT NULL,
    hour         BIGINT NOT NULL,
    decision     TEXT   NOT NULL,
    checks       BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, hour, decision)
);

INSERT INTO workspace_hours (workspace_id, hour, decision, checks)
    SELECT k.workspace_id, h.hour, h.decision, SUM(h.checks) FROM key_hours h JOIN keys k ON k.id = h.key_id GROUP BY k.workspace_id, h.hour, h.decision;

CREATE INDEX workspace_hours_by_age ON workspace_hours (hour);

-- For the two filters by access, and to count keys with full access.
CREATE INDEX keys_with_full_access ON keys (workspace_id, created_at, id, expires_at) WHERE revoked_at IS NULL AND scopes = '';
CREATE INDEX keys_restricted ON keys (workspace_id, created_at, id, expires_at) WHERE revoked_at IS NULL AND scopes <> '';
