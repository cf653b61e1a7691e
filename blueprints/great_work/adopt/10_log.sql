-- The game's log from before Reeve, in the order of its ids: its timestamps run backwards now and then. Positions are ten
-- times the ids, so that facts that only the tables hold find a place between two rows of the log.

CREATE TEMP TABLE spelling (spelled TEXT PRIMARY KEY, faction TEXT NOT NULL);
INSERT INTO spelling (spelled, faction) VALUES
  ('academia', 'Academic'), ('Academic', 'Academic'), ('government', 'Government'), ('Government', 'Government'),
  ('industry', 'Industry'), ('Industry', 'Industry'), ('religion', 'Religious'), ('Religious', 'Religious'),
  ('foreign', 'Foreign'), ('Foreign', 'Foreign');

CREATE TEMP TABLE said AS
SELECT id, id * 10 AS position, timestamp AS time, action, payload FROM main.events ORDER BY id;
CREATE UNIQUE INDEX temp.said_by_id ON said (id);
CREATE INDEX temp.said_by_action ON said (action, id);

CREATE TEMP TABLE final AS
SELECT max(position) + 10 AS position, (SELECT time FROM said ORDER BY id DESC LIMIT 1) AS time FROM said;

-- name: log
SELECT position, 'events/' || id AS source, time,
       json_object('action', action, 'id', id, 'payload', json(payload), 'timestamp', time) AS data
FROM said;

-- name: irregularities
SELECT 'no_version' AS code, 'events' AS "table", '' AS field,
       count(*) || ' events have no version: each became the newest of its type' AS done FROM said;

-- name: irregularities
SELECT 'no_year' AS code, 'events' AS "table", '' AS field,
       count(*) || ' events have no year: it is counted from 1920 by the events timeline_advanced' AS done FROM said;

-- name: irregularities
SELECT 'time_backwards' AS code, 'events' AS "table", 'events/' || id AS "row", 'timestamp' AS field, time AS value,
       'it is before that of the event before it: the order is that of the ids' AS done
FROM (SELECT id, time, lag(time) OVER (ORDER BY id) AS before FROM said) WHERE time < before ORDER BY id;

-- name: irregularities
SELECT 'spelled_otherwise' AS code, 'events' AS "table", s.action AS "row", t.value AS value,
       count(*) || ' times, meaning ' || p.faction AS done
FROM said s, json_tree(s.payload) t JOIN spelling p ON p.spelled = t.value AND p.spelled <> p.faction
WHERE t.type = 'text'
GROUP BY s.action, t.value ORDER BY s.action, t.value;
