-- Work that goes on after the request that caused it: messages to the outside,
-- and changes of many keys.

-- Messages that wait to be delivered, written in the transaction that caused
-- them. A row is deleted once its message was accepted. No row holds a token: a
-- message that has a link to sign in or to confirm with is written when it is
-- sent.
CREATE TABLE outbox (
    id            TEXT   NOT NULL PRIMARY KEY, -- also the message's own id for its receiver
    workspace_id  TEXT   NOT NULL, -- empty: about an account, in no workspace
    channel       TEXT   NOT NULL, -- 'mail' or 'webhook'
    kind          TEXT   NOT NULL,
    -- What messages share a queue with: the workspace or, without one, the host
    -- that they go to.
    lane          TEXT   NOT NULL,
    host          TEXT   NOT NULL, -- the domain of an email; a webhook's host
    recipient     TEXT   NOT NULL, -- an email; empty for a webhook
    user_id       TEXT   NOT NULL, -- the user on whose account a link in it acts
    payload       TEXT   NOT NULL, -- a JSON object
    created_at    BIGINT NOT NULL,
    next_at       BIGINT NOT NULL, -- when to send it next
    deadline      BIGINT NOT NULL, -- when it is given up
    attempts      BIGINT NOT NULL, -- how often it was claimed
    last_error    TEXT   NOT NULL,
    claimed_until BIGINT,
    given_up_at   BIGINT
);

CREATE INDEX outbox_by_route ON outbox (channel, lane, host, next_at, claimed_until) WHERE given_up_at IS NULL;
CREATE INDEX outbox_of_user ON outbox (user_id) WHERE user_id <> '';
CREATE INDEX outbox_by_deadline ON outbox (deadline) WHERE given_up_at IS NULL;
CREATE INDEX outbox_given_up ON outbox (workspace_id, given_up_at) WHERE given_up_at IS NOT NULL;

-- Where a workspace's own programs are told of events.
CREATE TABLE webhooks (
    workspace_id TEXT   NOT NULL PRIMARY KEY REFERENCES workspaces (id),
    url          TEXT   NOT NULL,
    secret       TEXT   NOT NULL, -- signs what they are told
    created_at   BIGINT NOT NULL,
    failures     BIGINT NOT NULL DEFAULT 0, -- in a row
    paused_until BIGINT,                    -- how long it is left alone for them
    off_at       BIGINT                     -- since when it is off because it answered 410 Gone
);

-- What is too long for one transaction. A job is done in steps, by one node at
-- a time, and resumed after a restart.
CREATE TABLE jobs (
    id            TEXT   NOT NULL PRIMARY KEY,
    workspace_id  TEXT   NOT NULL REFERENCES workspaces (id),
    kind          TEXT   NOT NULL, -- 'bulk', 'settle_keys' or 'sort_keys'
    action        TEXT   NOT NULL, -- of 'bulk': 'revoke', 'disable', 'enable' or 'expire'
    reason        TEXT   NOT NULL, -- of 'revoke'
    expires_at    BIGINT,          -- of 'expire'
    member_id     TEXT   NOT NULL, -- of 'settle_keys': the member who was removed; of 'sort_keys': the owner
    owner_name    TEXT   NOT NULL, -- of 'sort_keys': what the keys of the renamed owner are still sorted by

    -- Who started it, for permissions and audit events.
    actor_kind    TEXT   NOT NULL,
    actor_id      TEXT   NOT NULL,
    session_id    TEXT   NOT NULL,
    proven_at     BIGINT,
    proof         TEXT   NOT NULL,
    ip            TEXT   NOT NULL,
    request_id    TEXT   NOT NULL,

    total         BIGINT NOT NULL, -- keys
    done          BIGINT NOT NULL, -- keys looked at, whether they were to be changed or not
    changed       BIGINT NOT NULL,
    failed        BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    seen_at       BIGINT NOT NULL, -- of the last step
    resumed_at    BIGINT,          -- when another process went on with it
    ended_at      BIGINT,
    outcome       TEXT   NOT NULL, -- '' (not ended), 'done', 'not_allowed' or 'failed'

    -- A node works on a job until its claim ends, and extends it with each
    -- step.
    claimed_by    TEXT   NOT NULL,
    claimed_until BIGINT NOT NULL,
    attempts      BIGINT NOT NULL, -- that failed since the last step
    next_at       BIGINT NOT NULL  -- when to try again
);

CREATE INDEX jobs_running ON jobs (workspace_id, id) WHERE ended_at IS NULL;
CREATE INDEX jobs_by_end ON jobs (ended_at) WHERE ended_at IS NOT NULL;

-- The keys that a bulk job has yet to look at, a few to a row.
CREATE TABLE job_keys (
    job_id TEXT   NOT NULL REFERENCES jobs (id),
    piece  BIGINT NOT NULL,
    keys   TEXT   NOT NULL, -- ids, separated by spaces
    PRIMARY KEY (job_id, piece)
);
