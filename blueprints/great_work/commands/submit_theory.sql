-- Stakes a claim, with a confidence that is wagered and a day by which it must be decided.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: :supporters names somebody who is no active scholar
SELECT NOT EXISTS (SELECT 1
                   FROM jsonb_array_elements_text(COALESCE(:supporters, '[]'::jsonb)) AS m (scholar_id)
                   WHERE NOT EXISTS (SELECT 1 FROM scholars s
                                     WHERE s.scholar_id = m.scholar_id AND s.status = 'active'));

-- check: there is a theory :theory_id already
SELECT :theory_id IS NULL OR NOT EXISTS (SELECT 1 FROM theories WHERE theory_id = :theory_id);

-- emit: theory.submitted
SELECT COALESCE(:theory_id, new_uuid('theory')::text) AS theory_id, :player_id AS player_id, :claim AS claim,
       :confidence AS confidence, :supporters AS supporters, :deadline AS deadline;

-- emit: scholar.remembered
SELECT m.scholar_id, 'theory_supported' AS type, :player_id AS by,
       jsonb_build_object('theory_id', COALESCE(:theory_id, new_uuid('theory')::text)) AS details
FROM jsonb_array_elements_text(COALESCE(:supporters, '[]'::jsonb)) AS m (scholar_id) ORDER BY m.scholar_id;

-- emit: press.scheduled
SELECT 'theory.submitted:' || COALESCE(:theory_id, new_uuid('theory')::text) AS press_id,
       'academic_bulletin' AS kind,
       'Academic Bulletin: ' || p.name || ' stakes a claim' AS headline,
       p.name || ' claims, ' || replace(:confidence, '_', ' ') || ': ' || :claim AS body,
       COALESCE(:release_at, now()) AS release_at, p.player_id AS player_id,
       'theory.submitted' AS source_type,
       COALESCE(:theory_id, new_uuid('theory')::text) AS source_id
FROM players p WHERE p.player_id = :player_id;
