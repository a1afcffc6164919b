-- Whether an owner has saved the provider's issuer, client ID and secret as
-- they are. Only then may it sign in owners: an admin who runs a provider could
-- sign in as anyone.
ALTER TABLE providers ADD COLUMN signs_in_owners BOOLEAN NOT NULL DEFAULT FALSE;
