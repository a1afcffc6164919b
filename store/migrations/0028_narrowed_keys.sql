-- Who let a key do less and is not its owner, so that its owner does not take it back: a user's id, 'operator', or '' (nobody).
ALTER TABLE keys ADD COLUMN narrowed_by TEXT NOT NULL DEFAULT '';
