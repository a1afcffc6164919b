-- Invitations to a workspace, one at most for an address. The link's token is stored as its SHA-256 digest only.
CREATE TABLE invitations (
    id           TEXT   NOT NULL PRIMARY KEY,
    workspace_id TEXT   NOT NULL REFERENCES workspaces (id),
    email        TEXT   NOT NULL, -- folded
    role         TEXT   NOT NULL,
    digest       BYTEA  NOT NULL UNIQUE,
    invited_by   TEXT   REFERENCES users (id), -- NULL: the command line
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    UNIQUE (workspace_id, email)
);

-- For the list of the workspaces that a person is in.
CREATE INDEX members_of_user ON members (user_id);
