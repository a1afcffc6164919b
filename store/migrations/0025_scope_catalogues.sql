-- The scopes that keys of a workspace can be restricted to, and templates of them. It is read as a whole, by whoever makes or edits a key.
CREATE TABLE scope_catalogues (
    workspace_id TEXT NOT NULL PRIMARY KEY REFERENCES workspaces (id),
    catalogue    TEXT NOT NULL -- JSON
);
