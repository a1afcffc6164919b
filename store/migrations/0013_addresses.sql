-- A workspace's address can change. The one before it leads to the new one, and takes checks, until a moment.
ALTER TABLE workspaces ADD COLUMN old_slug TEXT NOT NULL DEFAULT '';
ALTER TABLE workspaces ADD COLUMN old_slug_until BIGINT;

CREATE INDEX workspaces_by_old_slug ON workspaces (old_slug) WHERE old_slug <> '';

-- What an address looks like, so that no two are taken for each other: without '-', and with 1, i, 0, 5, rn and vv as l, l, o, s, m and w.
ALTER TABLE workspaces ADD COLUMN slug_look TEXT NOT NULL DEFAULT '';

UPDATE workspaces SET slug_look =
    replace(replace(replace(replace(replace(replace(replace(slug, '-', ''), '1', 'l'), 'i', 'l'), '0', 'o'), '5', 's'), 'rn', 'm'), 'vv', 'w');

CREATE INDEX workspaces_by_look ON workspaces (slug_look);
