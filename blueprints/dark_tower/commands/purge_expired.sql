-- Removes what is older than the retention time, at most so many of each kind: deleted meetings, deleted
-- users
-- who have no meeting left and of whom nothing waits in the outbox, logins, settled outbox rows. To be
-- repeated until it does nothing.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- emit: meeting.purged
SELECT m.meeting_id FROM meetings m CROSS JOIN organization o
WHERE o.singleton = 1 AND m.deleted_at IS NOT NULL
  AND m.deleted_at < (now()::date - o.retention_days)::timestamptz
ORDER BY m.deleted_at, m.meeting_id LIMIT COALESCE(:rows, 100);

-- emit: user.purged
SELECT u.user_id FROM users u CROSS JOIN organization o
WHERE o.singleton = 1 AND u.deleted_at IS NOT NULL
  AND u.deleted_at < (now()::date - o.retention_days)::timestamptz
  AND NOT EXISTS (SELECT 1 FROM meetings m WHERE m.created_by = u.user_id)
  AND NOT EXISTS (SELECT 1 FROM participants p JOIN outbox x ON x.participant_id = p.participant_id
                  WHERE p.user_id = u.user_id AND x.status IN ('pending', 'failed'))
ORDER BY u.deleted_at, u.user_id LIMIT COALESCE(:rows, 100);

-- emit: auth_events.purged
SELECT b.before, (SELECT count(*) FROM auth_events x WHERE x.created_at < b.before) AS rows
FROM (SELECT COALESCE((SELECT y.created_at FROM auth_events y
                       WHERE y.created_at < (now()::date - o.retention_days)::timestamptz
                       ORDER BY y.created_at, y.auth_event_id LIMIT 1 OFFSET COALESCE(:rows, 100)),
                      (now()::date - o.retention_days)::timestamptz) AS before
      FROM organization o WHERE o.singleton = 1) b
WHERE EXISTS (SELECT 1 FROM auth_events x WHERE x.created_at < b.before)
ORDER BY b.before;

-- emit: outbox.purged
SELECT b.before, (SELECT count(*) FROM outbox x WHERE x.status <> 'pending'
       AND x.updated_at < b.before) AS rows
FROM (SELECT COALESCE((SELECT y.updated_at FROM outbox y
                       WHERE y.status <> 'pending'
                       AND y.updated_at < (now()::date - o.retention_days)::timestamptz
                       ORDER BY y.updated_at, y.outbox_id LIMIT 1 OFFSET COALESCE(:rows, 100)),
                      (now()::date - o.retention_days)::timestamptz) AS before
      FROM organization o WHERE o.singleton = 1) b
WHERE EXISTS (SELECT 1 FROM outbox x WHERE x.status <> 'pending' AND x.updated_at < b.before)
ORDER BY b.before;
