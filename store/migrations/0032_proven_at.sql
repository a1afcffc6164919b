-- When a session's person last proved who they are, which is not when the session began: an identity provider may have begun it
-- without asking them. NULL: the provider did not say.
ALTER TABLE sessions ADD COLUMN proven_at BIGINT;

UPDATE sessions SET proven_at = created_at WHERE proof <> 'provider';
