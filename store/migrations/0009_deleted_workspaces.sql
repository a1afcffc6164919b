-- A workspace that was deleted is kept for what refers to it, and found by nobody. Its address stays taken.
ALTER TABLE workspaces ADD COLUMN deleted_at BIGINT;
