-- Scopes that a provider is asked for beside openid, email and profile: some
-- tell a person's groups only when asked.
ALTER TABLE providers ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
