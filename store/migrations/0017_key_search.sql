-- What a key is found by, beside its owner: its name in lower case, its hint and its id. The program writes it; what was there before
-- is lowered as far as the database can.
ALTER TABLE keys ADD COLUMN search TEXT NOT NULL DEFAULT '';

UPDATE keys SET search = LOWER(name || ' ' || hint || ' ' || id);
