-- What a workspace lets new keys be, as JSON; empty: anything.
ALTER TABLE workspaces ADD COLUMN key_policy TEXT NOT NULL DEFAULT '';
