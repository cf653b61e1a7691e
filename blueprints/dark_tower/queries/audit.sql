-- name: audit_of_resource :many
-- What happened to one resource, the newest first; before a sequence if a page has been read.
SELECT sequence, audit_id, occurred_at, action, resource_type, resource_id, actor, ip, user_agent, details
FROM audit_logs
WHERE resource_type = :resource_type AND resource_id = :resource_id
  AND sequence < COALESCE(:before::bigint, 9223372036854775807)
ORDER BY sequence DESC
LIMIT :rows::bigint;

-- name: audit_of_actor :many
-- What somebody did, the newest first.
SELECT i.sequence, e.id AS audit_id, i.created_at AS occurred_at, e.type AS action, i.resource_type,
       i.resource_id,
       e.payload::jsonb ->> 'ip' AS ip, e.payload::jsonb ->> 'user_agent' AS user_agent
FROM reeve_events e
JOIN audit_index i ON i.sequence = e.sequence
JOIN organization o ON o.singleton = 1
WHERE e.actor = :by_actor::text AND e.sequence < COALESCE(:before::bigint, 9223372036854775807)
ORDER BY e.sequence DESC
LIMIT :rows::bigint;

-- name: audit_between :many
-- What happened in a stretch of time, in its order.
SELECT sequence, audit_id, occurred_at, action, resource_type, resource_id, actor, ip, user_agent, details
FROM audit_logs
WHERE occurred_at >= :since::timestamptz AND occurred_at < :until::timestamptz
ORDER BY occurred_at, sequence
LIMIT :rows::bigint;

-- name: audit_entry :one
-- One entry with the rows that it changed, before and after.
SELECT a.sequence, a.audit_id, a.occurred_at, a.action, a.resource_type, a.resource_id, a.actor, a.details,
       (SELECT jsonb_agg(c.value ORDER BY c.place)
       FROM jsonb_array_elements(a.changes) WITH ORDINALITY AS c (value, place)
        WHERE c.value ->> 'table' <> 'audit_index') AS changes
FROM audit_changes a WHERE a.sequence = :entry::bigint;

-- name: audit_export :many
-- The audit trail without names, for what is kept when an organization's ledger is dropped: actors are a
-- keyed hash,
-- and neither addresses nor details are there. In batches, after a sequence.
SELECT i.sequence, i.created_at AS occurred_at, e.type AS action, i.resource_type, i.resource_id,
       encode(sha256(convert_to(:pepper::text || e.actor, 'UTF8')), 'hex') AS actor_pseudonym
FROM audit_index i JOIN reeve_events e ON e.sequence = i.sequence
WHERE i.sequence > :after::bigint
ORDER BY i.sequence
LIMIT :rows::bigint;
