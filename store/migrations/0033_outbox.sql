-- Messages to the outside that wait to be delivered, written in the transaction of whatever caused them. A row is deleted once its
-- message was accepted. No row holds a token: a message that has a link to sign in or to confirm with is written when it is sent.
--
-- lane is what messages of one sort must share a queue with: the workspace or, without one, the host that they go to.
CREATE TABLE outbox (
    id            TEXT   NOT NULL PRIMARY KEY, -- also the message's own id for whoever receives it
    workspace_id  TEXT   NOT NULL, -- '': about an account, in no workspace
    channel       TEXT   NOT NULL, -- 'mail' or 'webhook'
    kind          TEXT   NOT NULL,
    lane          TEXT   NOT NULL,
    host          TEXT   NOT NULL, -- the domain of an email; a webhook's host
    recipient     TEXT   NOT NULL, -- an email; '' for a webhook
    user_id       TEXT   NOT NULL, -- whose account a link in it acts on; ''
    payload       TEXT   NOT NULL, -- a JSON object
    created_at    BIGINT NOT NULL,
    next_at       BIGINT NOT NULL,
    deadline      BIGINT NOT NULL, -- when it is given up
    attempts      BIGINT NOT NULL, -- how often it was claimed
    last_error    TEXT   NOT NULL,
    claimed_until BIGINT,          -- NULL: by nobody
    given_up_at   BIGINT
);

CREATE INDEX outbox_by_route ON outbox (channel, lane, host, next_at, claimed_until) WHERE given_up_at IS NULL;
CREATE INDEX outbox_of_user ON outbox (user_id) WHERE user_id <> '';
CREATE INDEX outbox_by_deadline ON outbox (deadline) WHERE given_up_at IS NULL;
CREATE INDEX outbox_given_up ON outbox (workspace_id, given_up_at) WHERE given_up_at IS NOT NULL;

-- How many times in a row a webhook failed, until when it is left alone for that, and since when it is off because it answered 410 Gone.
ALTER TABLE webhooks ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE webhooks ADD COLUMN paused_until BIGINT;
ALTER TABLE webhooks ADD COLUMN off_at BIGINT;
