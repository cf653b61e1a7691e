-- Promises to mentor a scholar; it begins when its order is due.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: no active scholar :scholar_id
SELECT EXISTS (SELECT 1 FROM scholars WHERE scholar_id = :scholar_id AND status = 'active');

-- check: there is a mentorship :mentorship_id already
SELECT :mentorship_id IS NULL OR NOT EXISTS (SELECT 1 FROM mentorships WHERE mentorship_id = :mentorship_id);

-- check: :player_id mentors :scholar_id already
SELECT NOT EXISTS (SELECT 1 FROM mentorships WHERE scholar_id = :scholar_id AND player_id = :player_id
                   AND status IN ('pending', 'active'));

-- emit: mentorship.queued
SELECT COALESCE(:mentorship_id, new_uuid('mentorship')::text) AS mentorship_id, :player_id AS player_id,
       :scholar_id AS scholar_id, :track AS track;

-- emit: press.scheduled
SELECT 'mentorship.queued:' || COALESCE(:mentorship_id, new_uuid('mentorship')::text) AS press_id,
       'mentorship_update' AS kind,
       p.name || ' takes on ' || s.name AS headline,
       p.name || ' will be the mentor of ' || s.name || '.' AS body,
       COALESCE(:release_at, now()) AS release_at, p.player_id AS player_id,
       'mentorship.queued' AS source_type,
       COALESCE(:mentorship_id, new_uuid('mentorship')::text) AS source_id
FROM players p CROSS JOIN scholars s
WHERE p.player_id = :player_id AND s.scholar_id = :scholar_id;

-- emit: order.opened
SELECT 'mentorship:' || COALESCE(:mentorship_id, new_uuid('mentorship')::text) AS order_id,
       'mentorship_activation' AS kind, COALESCE(:mentorship_id, new_uuid('mentorship')::text) AS subject,
       :player_id AS player_id, COALESCE(:due_at, now()) AS due_at;
