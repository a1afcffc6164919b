-- When it was proven that an account's address is its owner's: by a link that was sent there, or by whoever runs Keylodge. NULL: it was
-- only said, by an invitation's link or by an identity provider.
ALTER TABLE users ADD COLUMN confirmed_at BIGINT;

UPDATE users SET confirmed_at = created_at;
