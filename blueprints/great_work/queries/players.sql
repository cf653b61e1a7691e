-- name: leaderboard :many
-- Players by reputation, with their theories: how many, and how many were proven.
SELECT p.player_id, p.name, p.reputation, COALESCE(t.theories, 0) AS theories, COALESCE(t.proven, 0) AS proven
FROM players p
LEFT JOIN (SELECT player_id, count(*) AS theories, count(*) FILTER (WHERE outcome = 'proven') AS proven
           FROM theories GROUP BY player_id) t ON t.player_id = p.player_id
ORDER BY p.reputation DESC, p.player_id;

-- name: player :one
-- One player.
SELECT player_id, name, reputation, created_at FROM players WHERE player_id = :player_id;

-- name: player_influence :many
-- Influence by player and faction, with what is held in escrow and how much a gain may still add.
SELECT player_id, faction, influence, soft_cap, held, room
FROM influence_standing
WHERE (:player_id::text IS NULL OR player_id = :player_id)
ORDER BY player_id, faction;

-- name: debts :many
-- Who owes what to whom.
SELECT player_id, faction, source, amount, reprisal_level FROM debts WHERE amount > 0
ORDER BY amount DESC, player_id, faction, source;

-- name: faction_aliases :many
-- The spellings of the factions.
SELECT alias, faction FROM faction_aliases ORDER BY faction, alias;

-- name: admin_adjustments :many
-- What was corrected by hand, by whom and why.
SELECT sequence, adjusted_at, actor, subject, change, reason FROM admin_adjustments ORDER BY sequence;

-- name: players :many
-- All players.
SELECT player_id, name, reputation FROM players ORDER BY player_id;
