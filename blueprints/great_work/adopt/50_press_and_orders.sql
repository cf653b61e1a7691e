-- Press, digests, years, and the game's work.

-- A release names its item by the headline alone; releases come in the order of the items' ids.
CREATE TEMP TABLE item AS SELECT id, timestamp AS time, type AS kind, headline, body FROM main.press_releases;
CREATE INDEX temp.item_by_headline ON item (headline, id);
CREATE TEMP TABLE release AS
SELECT id, position, time, json_extract(payload, '$.headline') AS headline, json_extract(payload, '$.release_at') AS release_at,
       row_number() OVER (ORDER BY id) AS number FROM said WHERE action = 'scheduled_press_released';
CREATE UNIQUE INDEX temp.release_by_number ON release (number);

CREATE TEMP TABLE released AS
WITH RECURSIVE steps (number, press_id) AS (
  SELECT 1, (SELECT min(i.id) FROM item i JOIN release r ON r.number = 1 AND i.headline = r.headline)
  UNION ALL
  SELECT r.number, (SELECT min(i.id) FROM item i WHERE i.headline = r.headline AND i.id > s.press_id)
  FROM steps s JOIN release r ON r.number = s.number + 1)
SELECT r.id, r.position, r.headline, r.release_at, r.number, s.press_id,
       row_number() OVER (PARTITION BY r.headline, r.release_at ORDER BY r.id) AS turn
FROM steps s JOIN release r ON r.number = s.number;
CREATE UNIQUE INDEX temp.released_by_press ON released (press_id);
CREATE INDEX temp.released_by_turn ON released (headline, release_at, turn);

-- What is scheduled first is released first.
CREATE TEMP TABLE scheduled AS
SELECT *, row_number() OVER (PARTITION BY headline, release_at ORDER BY id) AS turn
FROM (SELECT id, position, json_extract(payload, '$.headline') AS headline, json_extract(payload, '$.release_at') AS release_at,
             json_extract(payload, '$.layer_type') AS kind
      FROM said WHERE action = 'press_scheduled'
      UNION ALL
      SELECT id, position, json_extract(payload, '$.headline'),
             strftime('%Y-%m-%dT%H:%M:%S', time, '+' || json_extract(payload, '$.delay_minutes') || ' minutes')
               || substr(time, 20),
             json_extract(payload, '$.type')
      FROM said WHERE action = 'sideways_press_scheduled');

CREATE TEMP TABLE paired AS
SELECT s.id, s.position, s.headline, s.release_at, s.kind, r.press_id, w.id AS waiting_id,
       coalesce(i.body, json_extract(w.payload, '$.body')) AS body
FROM scheduled s
LEFT JOIN released r ON r.headline = s.headline AND r.release_at = s.release_at AND r.turn = s.turn
LEFT JOIN item i ON i.id = r.press_id
LEFT JOIN main.queued_press w ON r.id IS NULL AND w.release_at = s.release_at
  AND json_extract(w.payload, '$.headline') = s.headline;

-- name: events
SELECT position, 0 AS place, 'press.scheduled' AS type,
       json_object('press_id', coalesce(CAST(press_id AS TEXT), 'waiting:' || waiting_id), 'kind', kind, 'headline', headline,
                   'body', body, 'release_at', release_at) AS payload
FROM paired WHERE body IS NOT NULL;

-- name: irregularities
SELECT 'scheduled_and_gone' AS code, 'events' AS "table", 'events/' || id AS "row", 'headline' AS field, headline AS value,
       'it was neither printed nor does it wait: the event is kept, and changes nothing' AS done
FROM paired WHERE body IS NULL ORDER BY id;

-- name: events
SELECT r.position, 0 AS place, 'press.released' AS type, json_object('press_id', CAST(r.press_id AS TEXT)) AS payload
FROM released r WHERE EXISTS (SELECT 1 FROM paired p WHERE p.press_id = r.press_id);

-- name: irregularities
SELECT 'released_unscheduled' AS code, 'events' AS "table", 'events/' || r.id AS "row", 'headline' AS field,
       r.headline AS value, 'nothing scheduled it: the event is kept, and the item is printed without it' AS done
FROM released r WHERE NOT EXISTS (SELECT 1 FROM paired p WHERE p.press_id = r.press_id) ORDER BY r.id;

-- What was printed at once has a row and no event: it stands before the first release of a later item.
CREATE TEMP TABLE printed AS
SELECT i.id, i.time, i.kind, i.headline, i.body,
       coalesce((SELECT min(r.position) FROM released r WHERE r.press_id > i.id) - 1, (SELECT position FROM final)) AS position
FROM item i WHERE NOT EXISTS (SELECT 1 FROM paired p WHERE p.press_id = i.id);

-- name: events
SELECT position, id * 2 AS place, 'press.scheduled' AS type, time,
       json_object('press_id', CAST(id AS TEXT), 'kind', kind, 'headline', headline, 'body', body,
                   'release_at', time) AS payload
FROM printed;

-- name: events
SELECT position, id * 2 + 1 AS place, 'press.released' AS type, time,
       json_object('press_id', CAST(id AS TEXT)) AS payload
FROM printed;

-- name: irregularities
SELECT 'not_logged' AS code, 'press_releases' AS "table", '' AS "row",
       count(*) || ' items have rows and no events: each is scheduled and released before the next release' AS done
FROM printed;

-- name: events
SELECT position, 0 AS place, 'digest.published' AS type,
       json_object('digest_id', CAST(id AS TEXT), 'headline', json_extract(payload, '$.headline'),
                   'items', json_extract(payload, '$.item_count')) AS payload
FROM said WHERE action = 'digest_highlights_generated';

-- name: events
SELECT position, 0 AS place, 'year.advanced' AS type,
       json_object('years', json_extract(payload, '$.years_elapsed'),
                   'from_year', json_extract(payload, '$.current_year') - json_extract(payload, '$.years_elapsed'),
                   'to_year', json_extract(payload, '$.current_year')) AS payload
FROM said WHERE action = 'timeline_advanced';

-- name: events
SELECT position, 0 AS place, 'table_talk.posted' AS type, json_extract(payload, '$.player') AS actor,
       json_object('player_id', json_extract(payload, '$.player'), 'message', json_extract(payload, '$.message')) AS payload
FROM said WHERE action = 'table_talk_post';

-- Orders were never logged when they were opened: two kinds are known from what was done with them, the others from the table.
CREATE TEMP TABLE work AS
SELECT o.id, json_patch('{}', json_object('order_id', CAST(o.id AS TEXT), 'kind', o.order_type, 'subject', o.subject_id,
                  'player_id', (SELECT p.id FROM main.players p WHERE p.id = o.actor_id), 'details', json(o.payload),
                  'due_at', coalesce(o.scheduled_at, o.created_at))) AS payload,
       o.status, o.created_at, o.updated_at, o.result,
       (SELECT s.id FROM said s WHERE (s.action = 'followup_resolved' AND json_extract(s.payload, '$.order_id') = o.id)
          OR (s.action = 'sideways_order_scheduled' AND json_extract(s.payload, '$.order_type') = o.order_type
              AND json_extract(s.payload, '$.order_code') = o.subject_id)
        ORDER BY s.id LIMIT 1) AS logged_by
FROM main.orders o;

-- name: events
SELECT coalesce(logged_by * 10, (SELECT position FROM final) + 5) AS position, id * 2 AS place, 'order.opened' AS type,
       CASE WHEN logged_by IS NULL THEN created_at END AS time, payload
FROM work;

-- name: events
SELECT coalesce(CASE WHEN status = 'completed' THEN logged_by END * 10, (SELECT position FROM final) + 5) AS position,
       id * 2 + 1 AS place, CASE status WHEN 'completed' THEN 'order.completed' ELSE 'order.cancelled' END AS type,
       CASE WHEN logged_by IS NULL THEN updated_at END AS time,
       json_patch('{}', json_object('order_id', CAST(id AS TEXT),
                                    CASE status WHEN 'completed' THEN 'result' ELSE 'reason' END, result)) AS payload
FROM work WHERE status IN ('completed', 'cancelled');

-- name: irregularities
SELECT 'not_logged' AS code, 'orders' AS "table", '' AS "row",
       count(*) || ' orders have rows and no events: they are opened behind the log, and ended if they were' AS done
FROM work WHERE logged_by IS NULL;

-- An offer that is to be weighed fails at every digest: its order is taken over with the three attempts that any has, and ends
-- among the failed ones then.
-- name: irregularities
SELECT CASE WHEN order_type = 'followup:evaluate_offer' THEN 'fails_forever' ELSE 'pending' END AS code, 'orders' AS "table",
       'orders/' || id AS "row", 'status' AS field, order_type AS value,
       CASE WHEN order_type = 'followup:evaluate_offer'
            THEN 'it fails at every digest: it is pending with three attempts, and then failed'
            ELSE 'it is still to be done: it is pending' END AS done
FROM main.orders WHERE status = 'pending' ORDER BY id;

-- name: claims
SELECT 'orders' AS "table", json_object('order_id', CAST(id AS TEXT)) AS "key", 'status' AS field, json_quote(status) AS value
FROM main.orders ORDER BY id;

-- name: claims
SELECT 'press_releases' AS "table", json_object('press_id', CAST(id AS TEXT)) AS "key", 'headline' AS field,
       json_quote(headline) AS value FROM main.press_releases ORDER BY id;

-- name: claims
SELECT 'timeline' AS "table", json_object('singleton', 1) AS "key", 'current_year' AS field,
       CAST(current_year AS TEXT) AS value FROM main.timeline;
