-- Identity providers that members of a workspace may sign in with (OpenID Connect). The secret is sent to the provider as it is, so
-- it is stored as it is. domains and role_map are lists with a space between; the latter of VALUE=ROLE, the value percent-encoded.
CREATE TABLE providers (
    id            TEXT   NOT NULL PRIMARY KEY,
    workspace_id  TEXT   NOT NULL REFERENCES workspaces (id),
    name          TEXT   NOT NULL,
    issuer        TEXT   NOT NULL,
    client_id     TEXT   NOT NULL,
    client_secret TEXT   NOT NULL,
    domains       TEXT   NOT NULL, -- whose addresses may join by themselves; empty: nobody's
    new_role      TEXT   NOT NULL, -- what they then are; empty: nobody joins by themselves
    role_claim    TEXT   NOT NULL, -- empty: roles are given here only
    role_map      TEXT   NOT NULL,
    created_at    BIGINT NOT NULL
);

CREATE INDEX providers_of_workspace ON providers (workspace_id, id);

-- Who a person is at a provider. Issuer and subject alone say so, never an address.
CREATE TABLE identities (
    issuer     TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    user_id    TEXT   NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (issuer, subject)
);

CREATE INDEX identities_of_user ON identities (user_id);

-- By which method a session's person has proved last who they are: a provider's word changes no other way in.
ALTER TABLE sessions ADD COLUMN proof TEXT NOT NULL DEFAULT '';

UPDATE sessions SET proof = method;
