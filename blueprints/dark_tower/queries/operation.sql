-- name: dashboard :one
-- What an administrator sees first. The counts read the few rows that are open, and no history.
SELECT o.display_name, o.plan, o.is_active, p.taken AS meetings_open, p.places AS meetings_max,
       (SELECT count(*) FROM meetings m WHERE m.status = 'active') AS meetings_active,
       (SELECT count(*) FROM meetings m JOIN participants a ON a.meeting_id = m.meeting_id
       AND a.left_at IS NULL
        WHERE m.status = 'active') AS participants_present,
       (SELECT count(*) FROM (SELECT 1 AS one FROM outbox x
       WHERE x.status = 'pending' ORDER BY x.next_attempt_at
                              LIMIT 1001) d) AS outbox_pending,
       (SELECT count(*) FROM (SELECT 1 AS one FROM outbox x WHERE x.status = 'failed' ORDER BY x.updated_at
                              LIMIT 1001) d) AS outbox_failed,
       (SELECT count(*) FROM (SELECT 1 AS one FROM auth_events f WHERE f.outcome = 'failure'
                                AND f.created_at > now() - interval '15 minutes'
                              ORDER BY f.created_at LIMIT 1001) d) AS failures_lately,
       now() AS at
FROM organization o CROSS JOIN meeting_places p;

-- name: sizes :many
-- How many rows the tables have; 10001 means more than 10,000, for no table is read further.
SELECT s.table_name, s.rows
FROM (
  SELECT 'audit_index' AS table_name,
         (SELECT count(*) FROM (SELECT 1 AS one FROM audit_index t ORDER BY t.sequence LIMIT 10001) d) AS rows
  UNION ALL
  SELECT 'auth_events',
         (SELECT count(*) FROM (SELECT 1 AS one FROM auth_events t ORDER BY t.auth_event_id LIMIT 10001) d)
  UNION ALL
  SELECT 'media_handlers',
         (SELECT count(*) FROM (SELECT 1 AS one FROM media_handlers t ORDER BY t.handler_id LIMIT 10001) d)
  UNION ALL
  SELECT 'meeting_assignments',
         (SELECT count(*) FROM (SELECT 1 AS one
         FROM meeting_assignments t ORDER BY t.assignment_id LIMIT 10001) d)
  UNION ALL
  SELECT 'meeting_controllers',
         (SELECT count(*) FROM (SELECT 1 AS one
         FROM meeting_controllers t ORDER BY t.controller_id LIMIT 10001) d)
  UNION ALL
  SELECT 'meetings',
         (SELECT count(*) FROM (SELECT 1 AS one FROM meetings t ORDER BY t.meeting_id LIMIT 10001) d)
  UNION ALL
  SELECT 'outbox',
         (SELECT count(*) FROM (SELECT 1 AS one FROM outbox t ORDER BY t.outbox_id LIMIT 10001) d)
  UNION ALL
  SELECT 'participants',
         (SELECT count(*) FROM (SELECT 1 AS one FROM participants t ORDER BY t.participant_id LIMIT 10001) d)
  UNION ALL
  SELECT 'service_credentials',
         (SELECT count(*) FROM (SELECT 1 AS one
         FROM service_credentials t ORDER BY t.credential_id LIMIT 10001) d)
  UNION ALL
  SELECT 'signing_keys',
         (SELECT count(*) FROM (SELECT 1 AS one FROM signing_keys t ORDER BY t.signing_key_id LIMIT 10001) d)
  UNION ALL
  SELECT 'users',
         (SELECT count(*) FROM (SELECT 1 AS one FROM users t ORDER BY t.user_id LIMIT 10001) d)
) s
ORDER BY s.table_name;
