-- What was there before the log, and what it tells of scholars, theories and those who teach.

-- name: events
SELECT -30 AS position, 0 AS place, 'game.started' AS type, '2025-09-22T00:00:00Z' AS time,
       json_object('anchor', '2025-09-22') AS payload;

-- name: events
SELECT -20 AS position, row_number() OVER (ORDER BY id) AS place, 'player.joined' AS type,
       '2025-09-22T00:00:00Z' AS time, json_object('player_id', id, 'name', display_name) AS payload
FROM main.players;

-- The career in the table is that of the game's end: a scholar begins as a postdoc.
CREATE TEMP TABLE spawned AS
SELECT c.id AS scholar_id,
       json_object('scholar_id', c.id, 'name', json_extract(c.data, '$.name'), 'seed', json_extract(c.data, '$.seed'),
                   'personality', json_object('archetype', json_extract(c.data, '$.archetype'),
                                              'drives', json(json_extract(c.data, '$.drives')),
                                              'virtues', json(json_extract(c.data, '$.virtues')),
                                              'vices', json(json_extract(c.data, '$.vices')),
                                              'catchphrase', json_extract(c.data, '$.catchphrase')),
                   'stats', json(json_extract(c.data, '$.stats')),
                   'career', json_object('tier', 'Postdoc', 'track', json_extract(c.data, '$.career.track'),
                                         'ticks', 0, 'titles', json('[]'))) AS payload
FROM main.scholars c;

-- name: events
SELECT s.position, 0 AS place, 'scholar.spawned' AS type,
       json_set(c.payload, '$.origin', json_extract(s.payload, '$.origin')) AS payload
FROM said s JOIN spawned c ON c.scholar_id = json_extract(s.payload, '$.id') WHERE s.action = 'scholar_spawned';

-- name: events
SELECT s.position, 0 AS place, 'scholar.spawned' AS type, json_set(c.payload, '$.origin', 'sidecast') AS payload
FROM said s JOIN spawned c ON c.scholar_id = json_extract(s.payload, '$.scholar') WHERE s.action = 'scholar_sidecast';

-- name: events
SELECT s.position, 1 AS place, 'scholar.sidecast' AS type,
       json_object('scholar_id', json_extract(s.payload, '$.scholar'), 'expedition_id', json_extract(s.payload, '$.expedition'),
                   'player_id', x.player_id) AS payload
FROM said s JOIN main.expeditions x ON x.code = json_extract(s.payload, '$.expedition')
WHERE s.action = 'scholar_sidecast';

-- name: events
SELECT -10 AS position, row_number() OVER (ORDER BY c.scholar_id) AS place, 'scholar.spawned' AS type,
       '2025-09-22T00:00:00Z' AS time, json_set(c.payload, '$.origin', 'roster') AS payload
FROM spawned c
WHERE NOT EXISTS (SELECT 1 FROM said s WHERE (s.action = 'scholar_spawned' AND json_extract(s.payload, '$.id') = c.scholar_id)
                     OR (s.action = 'scholar_sidecast' AND json_extract(s.payload, '$.scholar') = c.scholar_id));

-- name: irregularities
SELECT 'not_logged' AS code, 'scholars' AS "table", c.scholar_id AS "row",
       'no event says where it came from: it is spawned before the log' AS done
FROM spawned c
WHERE NOT EXISTS (SELECT 1 FROM said s WHERE (s.action = 'scholar_spawned' AND json_extract(s.payload, '$.id') = c.scholar_id)
                     OR (s.action = 'scholar_sidecast' AND json_extract(s.payload, '$.scholar') = c.scholar_id));

-- name: irregularities
SELECT 'not_logged' AS code, 'players' AS "table", id AS "row",
       'no event says that it joined: it joins before the log' AS done FROM main.players ORDER BY id;

-- name: events
SELECT position, 0 AS place, 'sidecast.advanced' AS type,
       json_object('scholar_id', json_extract(payload, '$.scholar'), 'player_id', json_extract(payload, '$.sponsor'),
                   'arc', json_extract(payload, '$.arc'), 'phase', json_extract(payload, '$.phase')) AS payload
FROM said WHERE action = 'sidecast_followup';

-- name: events
SELECT s.position, 0 AS place, 'scholar.promoted' AS type, json_extract(s.payload, '$.mentor') AS actor,
       json_object('scholar_id', c.id, 'tier', json_extract(s.payload, '$.new_tier'),
                   'player_id', json_extract(s.payload, '$.mentor'),
                   'career', json_object('tier', json_extract(s.payload, '$.new_tier'),
                                         'track', json_extract(c.data, '$.career.track'), 'ticks', 0,
                                         'titles', json('[]'))) AS payload
FROM said s JOIN main.scholars c ON c.id = json_extract(s.payload, '$.scholar') WHERE s.action = 'career_progression';

-- Events name a theory by its text alone; the ids run in the order of submission.
CREATE TEMP TABLE theory AS
SELECT t.id AS theory_id, t.timestamp AS time, t.player_id, t.confidence, s.id AS logged_by,
       json_object('theory_id', CAST(t.id AS TEXT), 'player_id', t.player_id, 'claim', t.theory,
                   'confidence', t.confidence, 'supporters', json(t.supporters),
                   'deadline', substr(t.deadline, 1, 10)) AS payload
FROM (SELECT *, row_number() OVER (PARTITION BY timestamp, player_id, theory ORDER BY id) AS number FROM main.theories) t
LEFT JOIN (SELECT id, time, json_extract(payload, '$.player') AS player_id, json_extract(payload, '$.theory') AS claim,
                  row_number() OVER (PARTITION BY time, json_extract(payload, '$.player'),
                                     json_extract(payload, '$.theory') ORDER BY id) AS number
           FROM said WHERE action = 'submit_theory') s
  ON s.time = t.timestamp AND s.player_id = t.player_id AND s.claim = t.theory AND s.number = t.number;

-- name: events
SELECT logged_by * 10 AS position, 0 AS place, 'theory.submitted' AS type, player_id AS actor, payload
FROM theory WHERE logged_by IS NOT NULL;

-- Theories that discoveries brought have rows and no event: they stand before the first event that needs them.
-- name: events
SELECT coalesce(nullif(min(coalesce((SELECT min(later.logged_by) FROM theory later WHERE later.theory_id > t.theory_id),
                                    1000000000),
                           coalesce((SELECT min(s.id) FROM said s WHERE s.action = 'conference_launched'
                                     AND json_extract(s.payload, '$.theory_id') >= t.theory_id), 1000000000)),
                       1000000000) * 10 - 1,
                (SELECT position FROM final)) AS position,
       t.theory_id AS place, 'theory.submitted' AS type, t.player_id AS actor, t.time AS time, t.payload
FROM theory t WHERE t.logged_by IS NULL;

-- name: irregularities
SELECT 'not_logged' AS code, 'theories' AS "table", 'theories/' || theory_id AS "row",
       'no event says that it was submitted: it is, before the first event that needs it' AS done
FROM theory WHERE logged_by IS NULL ORDER BY theory_id;

-- name: irregularities
SELECT 'odd_date' AS code, 'theories' AS "table", 'theories/' || id AS "row", 'deadline' AS field, deadline AS value,
       'a deadline with an hour in it, cut to its day' AS done
FROM main.theories WHERE length(deadline) > 10 ORDER BY id;

-- name: events
SELECT position, 0 AS place, 'recruitment.attempted' AS type, json_extract(payload, '$.player') AS actor,
       json_object('player_id', json_extract(payload, '$.player'), 'scholar_id', json_extract(payload, '$.scholar'),
                   'faction', (SELECT faction FROM spelling WHERE spelled = json_extract(payload, '$.faction')),
                   'chance', round(json_extract(payload, '$.chance') * 100),
                   'success', json(CASE json_extract(payload, '$.success') WHEN 1 THEN 'true' ELSE 'false' END),
                   'details', json_object('chance', json_extract(payload, '$.chance'),
                                          'cooldown_penalty', json_extract(payload, '$.cooldown_penalty'),
                                          'influence_bonus', json_extract(payload, '$.influence_bonus'),
                                          'relationship', json(json_extract(payload, '$.relationship')))) AS payload
FROM said WHERE action = 'recruitment_attempt';

-- name: events
SELECT position, 0 AS place, 'mentorship.queued' AS type, json_extract(payload, '$.player') AS actor,
       json_patch('{}', json_object('mentorship_id', CAST(json_extract(payload, '$.mentorship_id') AS TEXT),
                                    'player_id', json_extract(payload, '$.player'),
                                    'scholar_id', json_extract(payload, '$.scholar'),
                                    'track', json_extract(payload, '$.career_track'))) AS payload
FROM said WHERE action = 'mentorship_queued';

-- name: events
SELECT position, 0 AS place, 'mentorship.activated' AS type, json_extract(payload, '$.player') AS actor,
       json_object('mentorship_id', CAST(json_extract(payload, '$.mentorship_id') AS TEXT),
                   'player_id', json_extract(payload, '$.player'),
                   'scholar_id', json_extract(payload, '$.scholar')) AS payload
FROM said WHERE action = 'mentorship_activated';

-- How a mentorship ended was never logged.
-- name: events
SELECT (SELECT position FROM final) AS position, id AS place, 'mentorship.completed' AS type, player_id AS actor,
       resolved_at AS time,
       json_object('mentorship_id', CAST(id AS TEXT), 'player_id', player_id, 'scholar_id', scholar_id) AS payload
FROM main.mentorships WHERE status = 'completed';

-- name: irregularities
SELECT 'not_logged' AS code, 'mentorships' AS "table", 'mentorships/' || id AS "row", 'status' AS field, status AS value,
       'no event says that it ended: it does behind the log' AS done
FROM main.mentorships WHERE status = 'completed' ORDER BY id;

-- name: events
SELECT (SELECT position FROM final) + 1 AS position,
       row_number() OVER (ORDER BY scholar_id, subject_id) AS place, 'scholar.felt' AS type,
       (SELECT time FROM final) AS time,
       json_object('scholar_id', scholar_id, 'subject', subject_id, 'delta', feeling, 'feeling', feeling,
                   'reason', 'adopted from the old table') AS payload
FROM main.relationships;

-- name: irregularities
SELECT 'not_logged' AS code, 'relationships' AS "table", '' AS "row",
       count(*) || ' feelings have rows and no events: they are felt behind the log' AS done FROM main.relationships;

-- name: claims
SELECT 'mentorships' AS "table", json_object('mentorship_id', CAST(id AS TEXT)) AS "key", 'status' AS field,
       json_quote(status) AS value FROM main.mentorships ORDER BY id;

-- name: claims
SELECT 'theories' AS "table", json_object('theory_id', CAST(id AS TEXT)) AS "key", 'claim' AS field,
       json_quote(theory) AS value FROM main.theories ORDER BY id;
