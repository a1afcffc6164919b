-- For the log of all, of one sort of act, of one thing and of one person, and of one sort of act about or by them: a page of a million
-- rows is a walk along an index. A query says the condition of the index that it is to walk: without that SQLite, which guesses, takes
-- the index of all for two dates and anything else, and walks past everything between them.
DROP INDEX events_of_workspace;
DROP INDEX events_by_action;
DROP INDEX events_by_target;
DROP INDEX events_by_actor;

CREATE INDEX events_of_workspace ON events (workspace_id, at, id) WHERE id <> '';
CREATE INDEX events_by_action ON events (workspace_id, action, at, id) WHERE action <> '';
CREATE INDEX events_by_target ON events (workspace_id, target_id, at, id) WHERE target_id <> '';
CREATE INDEX events_by_target_and_action ON events (workspace_id, target_id, action, at, id) WHERE target_id <> '';
CREATE INDEX events_by_actor ON events (workspace_id, actor_id, at, id) WHERE actor_id <> '';
CREATE INDEX events_by_actor_and_action ON events (workspace_id, actor_id, action, at, id) WHERE actor_id <> '';
