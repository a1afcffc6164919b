-- Why a key was revoked: '' (nobody said), 'not_needed', 'compromised', 'owner_left', 'holder' (who held it revoked it) or 'other'.
ALTER TABLE keys ADD COLUMN revoked_reason TEXT NOT NULL DEFAULT '';
