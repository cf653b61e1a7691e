-- Tells the next phase of the story of a scholar who stepped in.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no active scholar :scholar_id
SELECT EXISTS (SELECT 1 FROM scholars WHERE scholar_id = :scholar_id AND status = 'active');

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- emit: sidecast.advanced
SELECT :scholar_id AS scholar_id, :player_id AS player_id, :arc AS arc, :phase AS phase;

-- emit: press.scheduled
SELECT new_uuid('press:sidecast')::text AS press_id, 'sidecast_brief' AS kind,
       s.name || ': ' || :phase AS headline,
       s.name || ' appears beside ' || p.name || ' (' || :arc || ', ' || :phase || ').' AS body,
       COALESCE(:release_at, now()) AS release_at, p.player_id, 'sidecast.advanced' AS source_type,
       s.scholar_id AS source_id
FROM scholars s CROSS JOIN players p WHERE s.scholar_id = :scholar_id AND p.player_id = :player_id;
