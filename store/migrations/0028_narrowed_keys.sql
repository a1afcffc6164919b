-- Who narrowed a key that they do not own, so that its owner can't undo it: a
-- user's id, 'operator', or ''.
ALTER TABLE keys ADD COLUMN narrowed_by TEXT NOT NULL DEFAULT '';
