-- The audit log: what was done, to what, by whom, from where. Nothing can be written here, for it is the
-- journal.
-- Once the organization is erased only what names nobody is left: user ids, whose users are gone.
CREATE VIEW audit_logs AS
SELECT i.sequence, e.id AS audit_id, i.created_at AS occurred_at, e.type AS action, i.resource_type,
       i.resource_id,
       CASE WHEN o.singleton IS NOT NULL OR length(e.actor) = 36 THEN e.actor ELSE '' END AS actor,
       CASE WHEN o.singleton IS NOT NULL THEN e.payload::jsonb ->> 'ip' END AS ip,
       CASE WHEN o.singleton IS NOT NULL THEN e.payload::jsonb ->> 'user_agent' END AS user_agent,
       CASE WHEN o.singleton IS NOT NULL THEN e.payload::jsonb END AS details
FROM audit_index i
JOIN reeve_events e ON e.sequence = i.sequence
LEFT JOIN organization o ON o.singleton = 1;

-- The same with the rows that the event changed, before and after. It computes them from the stored changeset
-- when it is read, so on Reeve's connections only.
CREATE VIEW audit_changes AS
SELECT i.sequence, e.id AS audit_id, i.created_at AS occurred_at, e.type AS action, i.resource_type,
       i.resource_id, e.actor, e.payload::jsonb AS details, reeve_changes(e.sequence) AS changes
FROM audit_index i
JOIN reeve_events e ON e.sequence = i.sequence
JOIN organization o ON o.singleton = 1;

-- Meetings that hold a place of the organization's limit, beside it.
CREATE VIEW meeting_places AS
SELECT o.max_concurrent_meetings AS places,
       (SELECT count(*) FROM meetings WHERE status = 'scheduled')
         + (SELECT count(*) FROM meetings WHERE status = 'active') AS taken
FROM organization o;
