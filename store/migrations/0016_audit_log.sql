-- For the audit log of one thing, of one person, and of one sort of act: a page of a million rows is a walk along an index.
CREATE INDEX events_by_target ON events (workspace_id, target_id, at, id);
CREATE INDEX events_by_actor ON events (workspace_id, actor_id, at, id);
CREATE INDEX events_by_action ON events (workspace_id, action, at, id);
