-- name: events_of_year :many
-- The events of one game year, in their order.
SELECT e.sequence, e.id AS event_id, e.time, e.type, e.actor, e.payload::jsonb AS data
FROM reeve_events e
WHERE e.moment = :year::integer
ORDER BY e.sequence;

-- name: digest_of_year :many
-- The events of one game year, and for each the scholars who feel something towards whom it is about.
SELECT e.sequence, e.time, e.type, e.payload::jsonb ->> 'player_id' AS player_id, e.payload::jsonb AS data,
       COALESCE((SELECT jsonb_agg(jsonb_build_object('name', s.name,
                                                     'catchphrase', s.personality ->> 'catchphrase',
                                                     'feeling', f.feeling)
                                  ORDER BY abs(f.feeling) DESC, s.scholar_id)
                 FROM scholar_feelings f JOIN scholars s ON s.scholar_id = f.scholar_id
                 WHERE f.subject = e.payload::jsonb ->> 'player_id' AND f.feeling <> 0.0
                   AND s.status = 'active'), '[]'::jsonb) AS reactions
FROM reeve_events e
WHERE e.moment = :year::integer
ORDER BY e.sequence;

-- name: events_of_player :many
-- What is known of one player, the newest first.
SELECT e.sequence, e.time, e.moment AS game_year, e.type, e.payload::jsonb AS data
FROM player_events p JOIN reeve_events e ON e.sequence = p.sequence
WHERE p.player_id = :player_id
ORDER BY p.sequence DESC
LIMIT :rows::bigint;

-- name: reputation_history :many
-- Every change of one player's reputation, with the balance after it as summed from the log.
SELECT e.sequence, e.time, e.moment AS game_year, e.payload::jsonb ->> 'reason' AS reason,
       e.payload::jsonb ->> 'source' AS source, (e.payload::jsonb ->> 'delta')::integer AS delta,
       sum((e.payload::jsonb ->> 'delta')::integer) OVER (ORDER BY e.sequence) AS reputation
FROM player_events p JOIN reeve_events e ON e.sequence = p.sequence
WHERE p.player_id = :player_id AND e.type = 'reputation.changed'
ORDER BY e.sequence;

-- name: reputation_disagreements :many
-- Players whose reputation is not the sum of the log. There are none.
SELECT p.player_id, p.name, p.reputation, COALESCE(l.reputation, 0) AS reputation_of_log
FROM players p
LEFT JOIN (SELECT e.payload::jsonb ->> 'player_id' AS player_id,
                  sum((e.payload::jsonb ->> 'delta')::integer) AS reputation
           FROM reeve_events e WHERE e.type = 'reputation.changed'
           GROUP BY e.payload::jsonb ->> 'player_id') l ON l.player_id = p.player_id
WHERE p.reputation <> COALESCE(l.reputation, 0)
ORDER BY p.player_id;

-- name: influence_disagreements :many
-- Balances of influence that are not the sum of the log. There are none.
SELECT i.player_id, i.faction, i.influence, COALESCE(l.influence, 0) AS influence_of_log
FROM player_influence i
LEFT JOIN (SELECT e.payload::jsonb ->> 'player_id' AS player_id, e.payload::jsonb ->> 'faction' AS faction,
                  sum((e.payload::jsonb ->> 'delta')::integer) AS influence
           FROM reeve_events e WHERE e.type = 'influence.changed'
           GROUP BY e.payload::jsonb ->> 'player_id', e.payload::jsonb ->> 'faction') l
  ON l.player_id = i.player_id AND l.faction = i.faction
WHERE i.influence <> COALESCE(l.influence, 0)
ORDER BY i.player_id, i.faction;

-- name: player_disagreements :many
-- Events of the log that name a player without being listed under that player, and the reverse. There are none.
SELECT e.sequence, e.payload::jsonb ->> 'player_id' AS player_id
FROM reeve_events e
WHERE e.payload::jsonb ->> 'player_id' IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM player_events p WHERE p.player_id = e.payload::jsonb ->> 'player_id'
                                                 AND p.sequence = e.sequence)
UNION ALL
SELECT p.sequence, p.player_id FROM player_events p
WHERE NOT EXISTS (SELECT 1 FROM reeve_events e WHERE e.sequence = p.sequence
                                                AND e.payload::jsonb ->> 'player_id' = p.player_id)
ORDER BY 1;

-- name: event_counts :many
-- How many events of each of the game's types there are.
SELECT e.type, count(*) AS events FROM reeve_events e WHERE e.type NOT LIKE 'reeve.%' GROUP BY e.type
ORDER BY count(*) DESC, e.type;
