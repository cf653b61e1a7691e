-- Expeditions, conferences, and the reputation that they bring.

-- The code is logged once by whoever wants to go and once more by who hands it on.
CREATE TEMP TABLE queued AS
SELECT *, row_number() OVER (PARTITION BY code ORDER BY id) AS number
FROM (SELECT id, position, payload, json_extract(payload, '$.code') AS code FROM said WHERE action = 'expedition_queued');

-- name: events
SELECT q.position, 0 AS place, 'expedition.queued' AS type, json_extract(q.payload, '$.player_id') AS actor,
       json_object('expedition_id', q.code, 'player_id', json_extract(q.payload, '$.player_id'),
                   'type', json_extract(q.payload, '$.expedition_type'), 'objective', json_extract(q.payload, '$.objective'),
                   'preparation', json_object('depth', json_extract(l.payload, '$.prep_depth')),
                   'team', json(json_extract(q.payload, '$.team')),
                   'funding', (SELECT json_group_array(faction) FROM (
                      SELECT p.faction FROM json_each(q.payload, '$.funding') f JOIN spelling p ON p.spelled = f.value
                      ORDER BY f.key)),
                   'confidence', json_extract(l.payload, '$.confidence')) AS payload
FROM queued q JOIN said l ON l.action = 'launch_expedition' AND json_extract(l.payload, '$.code') = q.code
WHERE q.number = 1;

-- name: irregularities
SELECT 'logged_twice' AS code, 'events' AS "table", 'events/' || id AS "row", 'code' AS field, code AS value,
       'the expedition was queued before: the event is kept, and changes nothing' AS done
FROM queued WHERE number > 1 ORDER BY id;

-- name: events
SELECT position, 0 AS place, 'expedition.launched' AS type, json_extract(payload, '$.player') AS actor,
       json_object('expedition_id', json_extract(payload, '$.code'), 'player_id', json_extract(payload, '$.player')) AS payload
FROM said WHERE action = 'launch_expedition';

-- name: events
SELECT position, 0 AS place, 'expedition.resolved' AS type, json_extract(payload, '$.player') AS actor,
       json_object('expedition_id', json_extract(payload, '$.code'), 'player_id', json_extract(payload, '$.player'),
                   'roll', json_extract(payload, '$.roll'), 'modifier', json_extract(payload, '$.modifier'),
                   'total', json_extract(payload, '$.final'), 'outcome', json_extract(payload, '$.result'),
                   'confidence', json_extract(payload, '$.confidence'),
                   'reputation_change', json_extract(payload, '$.reputation_delta')) AS payload
FROM said WHERE action = 'expedition_resolved';

CREATE TEMP TABLE conference AS
SELECT id, position, json_extract(payload, '$.code') AS code, json_extract(payload, '$.player') AS player_id,
       5 * json_array_length(payload, '$.supporters') - 5 * json_array_length(payload, '$.opposition') AS modifier, payload
FROM said WHERE action = 'conference_launched';

-- name: events
SELECT position, 0 AS place, 'conference.launched' AS type, player_id AS actor,
       json_object('code', code, 'player_id', player_id,
                   'theory_id', CAST(json_extract(payload, '$.theory_id') AS TEXT),
                   'confidence', json_extract(payload, '$.confidence'),
                   'supporters', json(json_extract(payload, '$.supporters')),
                   'opposition', json(json_extract(payload, '$.opposition'))) AS payload
FROM conference;

-- name: events
SELECT s.position, 0 AS place, 'conference.resolved' AS type,
       json_object('code', c.code, 'player_id', c.player_id,
                   'roll', json_extract(s.payload, '$.final_roll') - c.modifier, 'modifier', c.modifier,
                   'total', json_extract(s.payload, '$.final_roll'), 'outcome', json_extract(s.payload, '$.outcome'),
                   'reputation_change', json_extract(s.payload, '$.reputation_delta')) AS payload
FROM said s JOIN conference c ON c.code = json_extract(s.payload, '$.code') WHERE s.action = 'conference_resolved';

-- What each outcome changed, held within -50..50 from change to change.
CREATE TEMP TABLE wager AS
SELECT s.id, s.position, coalesce(json_extract(s.payload, '$.player'), c.player_id) AS player_id,
       json_extract(s.payload, '$.reputation_delta') AS wager, json_extract(s.payload, '$.code') AS source,
       CASE s.action WHEN 'expedition_resolved' THEN 'expedition' ELSE 'conference' END AS reason,
       row_number() OVER (PARTITION BY coalesce(json_extract(s.payload, '$.player'), c.player_id) ORDER BY s.id) AS number
FROM said s LEFT JOIN conference c ON c.code = json_extract(s.payload, '$.code')
WHERE s.action IN ('expedition_resolved', 'conference_resolved');

CREATE TEMP TABLE standing AS
WITH RECURSIVE steps (player_id, number, before, after) AS (
  SELECT player_id, number, 0, max(-50, min(50, wager)) FROM wager WHERE number = 1
  UNION ALL
  SELECT w.player_id, w.number, s.after, max(-50, min(50, s.after + w.wager))
  FROM steps s JOIN wager w ON w.player_id = s.player_id AND w.number = s.number + 1)
SELECT * FROM steps;

-- name: events
SELECT w.position, 1 AS place, 'reputation.changed' AS type, w.player_id AS actor,
       json_object('player_id', w.player_id, 'delta', s.after - s.before, 'wager', w.wager, 'reputation', s.after,
                   'reason', w.reason, 'source', w.source) AS payload
FROM wager w JOIN standing s ON s.player_id = w.player_id AND s.number = w.number;

-- name: irregularities
SELECT 'held_within_bounds' AS code, 'events' AS "table", 'events/' || w.id AS "row", 'reputation_delta' AS field,
       w.wager AS value, 'the reputation is held within -50..50: it changed by ' || (s.after - s.before) AS done
FROM wager w JOIN standing s ON s.player_id = w.player_id AND s.number = w.number
WHERE s.after - s.before <> w.wager ORDER BY w.id;

-- The old table's reputations were changed by what nobody logged.
-- name: claims
SELECT 'players' AS "table", json_object('player_id', id) AS "key", 'reputation' AS field,
       CAST(reputation AS TEXT) AS value FROM main.players ORDER BY id;

-- name: claims
SELECT 'players' AS "table", json_object('player_id', id) AS "key", 'name' AS field, json_quote(display_name) AS value
FROM main.players ORDER BY id;

-- name: claims
SELECT 'expeditions' AS "table", json_object('expedition_id', code) AS "key", 'outcome' AS field,
       json_quote(outcome) AS value FROM main.expeditions ORDER BY code;

-- name: claims
SELECT 'expeditions' AS "table", json_object('expedition_id', code) AS "key", 'reputation_change' AS field,
       CASE WHEN outcome IS NULL THEN 'null' ELSE CAST(reputation_delta AS TEXT) END AS value FROM main.expeditions ORDER BY code;

-- name: claims
SELECT 'conferences' AS "table", json_object('code', code) AS "key", 'outcome' AS field, json_quote(outcome) AS value
FROM main.conferences ORDER BY code;
