-- name: scholars :many
-- The scholars, the active ones if nothing else is asked for.
SELECT s.scholar_id, s.name, s.personality ->> 'archetype' AS archetype, s.career ->> 'tier' AS tier,
       s.patron,
       s.status, (s.stats ->> 'talent')::integer AS talent
FROM scholars s
WHERE s.status = COALESCE(:status::text, 'active')
ORDER BY s.scholar_id;

-- name: scholar_memory :one
-- What one scholar remembers: facts, feelings, scars.
SELECT s.scholar_id, s.name,
       jsonb_build_object(
         'facts', COALESCE((SELECT jsonb_agg(jsonb_build_object('timestamp', f.time, 'game_year', f.game_year,
                                                                'type', f.type, 'actor', f.actor,
                                                                'details', f.details) ORDER BY f.sequence)
                            FROM scholar_facts f WHERE f.scholar_id = s.scholar_id), '[]'::jsonb),
         'feelings', COALESCE((SELECT jsonb_object_agg(g.subject, g.feeling)
                               FROM scholar_feelings g WHERE g.scholar_id = s.scholar_id), '{}'::jsonb),
         'scars', COALESCE((SELECT jsonb_agg(jsonb_build_object('subject', c.subject, 'tag', c.tag)
                                             ORDER BY c.subject, c.tag)
                            FROM scholar_scars c WHERE c.scholar_id = s.scholar_id), '[]'::jsonb)) AS memory
FROM scholars s WHERE s.scholar_id = :scholar_id;

-- name: scholar_sheet :one
-- All of one scholar.
SELECT s.scholar_id, s.name, s.seed, s.personality, s.stats, s.career, s.status, s.patron,
       jsonb_build_object(
         'facts', COALESCE((SELECT jsonb_agg(jsonb_build_object('timestamp', f.time, 'game_year', f.game_year,
                                                                'type', f.type, 'actor', f.actor,
                                                                'details', f.details) ORDER BY f.sequence)
                            FROM scholar_facts f WHERE f.scholar_id = s.scholar_id), '[]'::jsonb),
         'feelings', COALESCE((SELECT jsonb_object_agg(g.subject, g.feeling)
                               FROM scholar_feelings g WHERE g.scholar_id = s.scholar_id), '{}'::jsonb),
         'scars', COALESCE((SELECT jsonb_agg(jsonb_build_object('subject', c.subject, 'tag', c.tag)
                                             ORDER BY c.subject, c.tag)
                            FROM scholar_scars c WHERE c.scholar_id = s.scholar_id), '[]'::jsonb)) AS memory
FROM scholars s WHERE s.scholar_id = :scholar_id;

-- name: scholar_reactions :many
-- What the active scholars feel towards one player, the strongest feeling first.
SELECT s.scholar_id, COALESCE(n.nickname, s.name) AS name, s.personality ->> 'catchphrase' AS catchphrase,
       f.feeling
FROM scholar_feelings f
JOIN scholars s ON s.scholar_id = f.scholar_id
LEFT JOIN scholar_nicknames n ON n.scholar_id = s.scholar_id AND n.player_id = f.subject
WHERE f.subject = :player_id AND s.status = 'active' AND f.feeling <> 0.0
ORDER BY abs(f.feeling) DESC, s.scholar_id;

-- name: mentorships :many
-- Open mentorships.
SELECT m.mentorship_id, m.player_id, m.scholar_id, s.name, m.track, m.status, m.queued_in
FROM mentorships m JOIN scholars s ON s.scholar_id = m.scholar_id
WHERE m.status IN ('pending', 'active')
ORDER BY m.mentorship_id;

-- name: offers :many
-- Open offers, with what is held for them.
SELECT o.offer_id, o.parent_id, o.kind, o.player_id, o.scholar_id, o.rival_id, o.status,
       COALESCE((SELECT sum(e.amount) FROM offer_escrow e WHERE e.offer_id = o.offer_id), 0) AS held
FROM offers o
WHERE o.status IN ('open', 'countered')
ORDER BY o.offer_id;

-- name: scholar_feelings :many
-- What one scholar feels, and which of it does not fade.
SELECT f.subject, f.feeling,
       EXISTS (SELECT 1 FROM scholar_scars c WHERE c.scholar_id = f.scholar_id AND c.subject = f.subject)
         AS scarred
FROM scholar_feelings f WHERE f.scholar_id = :scholar_id
ORDER BY f.subject;
