-- name: theories_of_player :many
-- One player's theories, the newest year first.
SELECT theory_id, claim, confidence, game_year, deadline, outcome, reputation_change
FROM theories WHERE player_id = :player_id
ORDER BY game_year DESC, theory_id;

-- name: theories_overdue :many
-- Open theories whose deadline is before a day.
SELECT theory_id, player_id, claim, confidence, deadline
FROM theories WHERE outcome IS NULL AND deadline < :today::date
ORDER BY deadline, theory_id;

-- name: expeditions_of_theory :many
-- What was undertaken for one theory.
SELECT expedition_id, player_id, type, objective, status, roll, modifier, outcome, reputation_change
FROM expeditions WHERE theory_id = :theory_id
ORDER BY expedition_id;

-- name: open_expeditions :many
-- Queued and launched expeditions.
SELECT expedition_id, player_id, type, objective, status, queued_in
FROM expeditions WHERE status IN ('queued', 'launched')
ORDER BY status, expedition_id;

-- name: open_conferences :many
-- Conferences without an outcome.
SELECT code, player_id, theory_id, confidence, jsonb_array_length(supporters) AS supporters,
       jsonb_array_length(opposition) AS opposition, launched_in
FROM conferences WHERE outcome IS NULL
ORDER BY launched_in, code;

-- name: open_topics :many
-- Topics put to the vote, and who has voted.
SELECT t.topic_id, t.topic, t.started_in,
       (SELECT count(*) FROM symposium_votes v WHERE v.topic_id = t.topic_id) AS votes
FROM symposium_topics t WHERE t.status = 'voting'
ORDER BY t.topic_id;

-- name: open_proposals :many
-- Topics that may be chosen.
SELECT proposal_id, player_id, topic, expires_at FROM symposium_proposals WHERE status = 'pending'
ORDER BY proposal_id;

-- name: open_orders :many
-- Pending work, the oldest first.
SELECT order_id, kind, subject, actor, payload, attempts, max_attempts, opened_at, due_at
FROM orders WHERE status = 'pending'
ORDER BY due_at, order_id;

-- name: failed_orders :many
-- Work that was given up, with the reason.
SELECT order_id, kind, subject, attempts, closed_at, result FROM orders WHERE status = 'failed'
ORDER BY closed_at, order_id;

-- name: open_theories :many
-- Theories without an outcome.
SELECT theory_id, player_id, claim, confidence, game_year, deadline FROM theories WHERE outcome IS NULL
ORDER BY deadline, theory_id;
