-- Raises a scholar to a tier; the mentor, if there is one, is remembered for it.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no active scholar :scholar_id
SELECT EXISTS (SELECT 1 FROM scholars WHERE scholar_id = :scholar_id AND status = 'active');

-- check: unknown player :player_id
SELECT :player_id IS NULL OR EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- emit: scholar.promoted
SELECT s.scholar_id, :tier AS tier, :player_id AS player_id,
       s.career || jsonb_build_object('tier', :tier, 'ticks', 0,
         'titles', COALESCE(s.career -> 'titles', '[]'::jsonb) || jsonb_build_array(:tier)) AS career
FROM scholars s WHERE s.scholar_id = :scholar_id;

-- emit: scholar.remembered
SELECT :scholar_id AS scholar_id, 'promotion' AS type, :player_id AS by,
       jsonb_build_object('tier', :tier) AS details;

-- emit: press.scheduled
SELECT new_uuid('press:promotion')::text AS press_id, 'mentorship_update' AS kind,
       s.name || ' becomes ' || :tier AS headline,
       s.name || ' is now ' || :tier || COALESCE(', under the wing of ' || p.name, '') || '.' AS body,
       COALESCE(:release_at, now()) AS release_at, p.player_id, 'scholar.promoted' AS source_type,
       s.scholar_id AS source_id
FROM scholars s LEFT JOIN players p ON p.player_id = :player_id WHERE s.scholar_id = :scholar_id;
