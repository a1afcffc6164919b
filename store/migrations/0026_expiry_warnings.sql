-- How many days before its end people were last told that a key ends: 14, 7 or 1; 0: not yet.
ALTER TABLE keys ADD COLUMN warned BIGINT NOT NULL DEFAULT 0;

-- For whoever looks which keys of all workspaces end soon.
CREATE INDEX keys_ending ON keys (expires_at) WHERE revoked_at IS NULL AND expires_at IS NOT NULL;

-- Where a workspace's own programs are told of such things, and the secret that signs what they are told.
CREATE TABLE webhooks (
    workspace_id TEXT   NOT NULL PRIMARY KEY REFERENCES workspaces (id),
    url          TEXT   NOT NULL,
    secret       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL
);
