-- The last use of a key, without a foreign key: like key_hours, it is written every few seconds for thousands of keys,
-- and a look at each key's row costs more than the rest.
CREATE TABLE last_uses (
    key_id       TEXT   NOT NULL PRIMARY KEY,
    last_used_at BIGINT NOT NULL,
    address      TEXT   NOT NULL,
    agent        TEXT   NOT NULL
);

INSERT INTO last_uses (key_id, last_used_at, address, agent) SELECT key_id, last_used_at, address, agent FROM key_usage;

DROP TABLE key_usage;
