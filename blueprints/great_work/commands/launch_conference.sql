-- Puts an open theory before a conference.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: no open theory :theory_id
SELECT EXISTS (SELECT 1 FROM theories WHERE theory_id = :theory_id AND outcome IS NULL);

-- check: there is a conference :code already
SELECT :code IS NULL OR NOT EXISTS (SELECT 1 FROM conferences WHERE code = :code);

-- check: :supporters names somebody who is no active scholar
SELECT NOT EXISTS (SELECT 1
                   FROM jsonb_array_elements_text(COALESCE(:supporters, '[]'::jsonb)) AS m (scholar_id)
                   WHERE NOT EXISTS (SELECT 1 FROM scholars s
                                     WHERE s.scholar_id = m.scholar_id AND s.status = 'active'));

-- check: :opposition names somebody who is no active scholar
SELECT NOT EXISTS (SELECT 1
                   FROM jsonb_array_elements_text(COALESCE(:opposition, '[]'::jsonb)) AS m (scholar_id)
                   WHERE NOT EXISTS (SELECT 1 FROM scholars s
                                     WHERE s.scholar_id = m.scholar_id AND s.status = 'active'));

-- emit: conference.launched
SELECT COALESCE(:code, new_uuid('conference')::text) AS code, :player_id AS player_id, t.theory_id,
       t.confidence,
       :supporters AS supporters, :opposition AS opposition
FROM theories t WHERE t.theory_id = :theory_id;

-- emit: press.scheduled
SELECT 'conference.launched:' || COALESCE(:code, new_uuid('conference')::text) AS press_id,
       'conference_scheduled' AS kind,
       p.name || ' calls a conference' AS headline,
       'To be debated: ' || t.claim AS body,
       COALESCE(:release_at, now()) AS release_at, p.player_id AS player_id,
       'conference.launched' AS source_type,
       COALESCE(:code, new_uuid('conference')::text) AS source_id
FROM players p CROSS JOIN theories t
WHERE p.player_id = :player_id AND t.theory_id = :theory_id;

-- emit: order.opened
SELECT 'conference:' || COALESCE(:code, new_uuid('conference')::text) AS order_id,
       'conference_resolution' AS kind,
       COALESCE(:code, new_uuid('conference')::text) AS subject, :player_id AS player_id,
       COALESCE(:due_at, now()) AS due_at;
