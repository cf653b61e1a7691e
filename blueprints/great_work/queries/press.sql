-- name: press_by_year :many
-- The press archive of one game year.
SELECT p.press_id, p.kind, p.headline, b.body, p.state, p.released_at
FROM press_releases p JOIN press_bodies b ON b.body_hash = p.body_hash
WHERE p.game_year = :year::integer AND p.state IN ('released', 'published')
ORDER BY p.sequence;

-- name: press_by_kind :many
-- The press archive of one kind, the newest first.
SELECT p.press_id, p.game_year, p.headline, b.body, p.state
FROM press_releases p JOIN press_bodies b ON b.body_hash = p.body_hash
WHERE p.kind = :kind AND p.state IN ('released', 'published')
ORDER BY p.sequence DESC
LIMIT :rows::bigint;

-- name: press_by_words :many
-- Press that contains some words, in the headline or the text, whatever their case.
SELECT p.press_id, p.game_year, p.kind, p.headline, b.body
FROM press_releases p JOIN press_bodies b ON b.body_hash = p.body_hash
WHERE p.state IN ('released', 'published')
  AND (strpos(lower(p.headline), lower(:words::text)) > 0 OR strpos(lower(b.body), lower(:words::text)) > 0)
ORDER BY p.sequence DESC
LIMIT :rows::bigint;

-- name: press_waiting :many
-- Scheduled press, the next one first.
SELECT p.press_id, p.kind, p.headline, p.release_at FROM press_releases p WHERE p.state = 'scheduled'
ORDER BY p.release_at, p.press_id;

-- name: gazette :many
-- What appeared in one digest.
SELECT p.press_id, p.kind, p.headline, b.body
FROM press_releases p JOIN press_bodies b ON b.body_hash = p.body_hash
WHERE p.digest_id = :digest_id
ORDER BY p.sequence;

-- name: digests :many
-- The digests of one game year.
SELECT digest_id, headline, published_at, items, reactions FROM digests WHERE game_year = :year::integer
ORDER BY published_at, digest_id;

-- name: press_variables :one
-- What a template of the press may fill in about one player.
SELECT p.player_id, p.name, p.reputation, t.current_year AS game_year,
       (SELECT count(*) FROM theories x WHERE x.player_id = p.player_id) AS theories,
       (SELECT count(*) FROM expeditions x
        WHERE x.player_id = p.player_id AND x.outcome IN ('success', 'landmark')) AS successes,
       (SELECT i.faction FROM player_influence i WHERE i.player_id = p.player_id
        ORDER BY i.influence DESC, i.faction LIMIT 1) AS strongest_faction,
       (SELECT s.name FROM scholar_feelings f JOIN scholars s ON s.scholar_id = f.scholar_id
        WHERE f.subject = p.player_id AND s.status = 'active'
        ORDER BY f.feeling DESC, s.scholar_id LIMIT 1) AS warmest_scholar
FROM players p CROSS JOIN timeline t
WHERE p.player_id = :player_id;

-- name: press_unpublished :many
-- Released press that has appeared in no digest yet.
SELECT press_id, kind, headline, released_at FROM press_releases WHERE state = 'released' ORDER BY sequence;
