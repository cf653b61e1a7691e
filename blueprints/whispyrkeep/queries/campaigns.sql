-- name: active_campaigns :many
-- A user's, the newest first.
SELECT c.campaign_id, c.universe_id, c.title, c.mode, s.turn_index, c.created_at
FROM campaigns c JOIN canonical_campaign_states s ON s.campaign_id = c.campaign_id
WHERE c.user_id = :user_id AND c.status = 'active'
ORDER BY c.created_at DESC, c.campaign_id;

-- name: campaign_by_id :one
SELECT c.campaign_id, c.universe_id, c.user_id, c.sheet_id, c.title, c.mode, c.target_length, c.failure_style,
       c.content_rating, c.start_universe_time, c.initial_state, c.status, s.turn_index, s.state, s.canonical_state_hash,
       c.archived_turns
FROM campaigns c JOIN canonical_campaign_states s ON s.campaign_id = c.campaign_id
WHERE c.campaign_id = :campaign_id;

-- name: reservation :one
-- Who is at the next turn of a campaign, and the rolls that have fallen for it.
SELECT reservation_id, base_turn, holder, expires_at, roll_spec, roll_results
FROM turn_reservations WHERE campaign_id = :campaign_id AND expires_at > now();

-- name: turns :many
-- The history in order, behind a turn.
SELECT turn_id, turn_index, user_input_text, llm_response_text, roll_spec, roll_results, state_patch,
       canonical_state_hash, lore_deltas, universe_time_after_turn, created_at
FROM turn_events WHERE campaign_id = :campaign_id AND turn_index > COALESCE(:after::integer, 0)
ORDER BY turn_index LIMIT COALESCE(:limit::integer, 50);

-- name: newest_turns :many
-- The history backwards, before a turn.
SELECT turn_id, turn_index, user_input_text, llm_response_text, canonical_state_hash, universe_time_after_turn, created_at
FROM turn_events WHERE campaign_id = :campaign_id AND (:before::integer IS NULL OR turn_index < :before)
ORDER BY turn_index DESC LIMIT COALESCE(:limit::integer, 20);

-- name: state_at_turn :one
-- The state after a turn (0: before the first), reckoned from the nearest checkpoint that is what its turn says, and the
-- hash that the turn left. They are equal, or the turns were tampered with.
SELECT x.turn_index, x.state, state_hash(x.state) AS state_hash, x.canonical_state_hash
FROM (
  SELECT :turn_index::integer AS turn_index,
         COALESCE((SELECT t.canonical_state_hash FROM turn_events t
                   WHERE t.campaign_id = :campaign_id AND t.turn_index = :turn_index),
                  (SELECT c.initial_state_hash FROM campaigns c
                   WHERE c.campaign_id = :campaign_id AND :turn_index = 0)) AS canonical_state_hash, (
  WITH RECURSIVE base (turn_index) AS (
    SELECT COALESCE((
      SELECT max(k.turn_index) FROM campaign_checkpoints k
      JOIN turn_events t ON t.campaign_id = k.campaign_id AND t.turn_index = k.turn_index
      WHERE k.campaign_id = :campaign_id AND k.turn_index <= :turn_index AND k.canonical_state_hash = t.canonical_state_hash
        AND state_hash(k.state) = t.canonical_state_hash), 0)),
  fold (step, state) AS (
    SELECT COALESCE((SELECT max(m.step) FROM turn_operations m
                     WHERE m.campaign_id = :campaign_id AND m.turn_index <= b.turn_index), 0)::bigint,
           COALESCE((SELECT k.state FROM campaign_checkpoints k
                     WHERE k.campaign_id = :campaign_id AND k.turn_index = b.turn_index),
                    (SELECT c.initial_state FROM campaigns c WHERE c.campaign_id = :campaign_id))
    FROM base b
    UNION ALL
    SELECT f.step + 1, applied(f.state, o.op, o.path, o.target, o.value)
    FROM fold f JOIN turn_operations o ON o.campaign_id = :campaign_id AND o.step = f.step + 1
    WHERE f.state IS NOT NULL AND o.turn_index <= :turn_index)
  SELECT f.state FROM fold f
  WHERE f.step = COALESCE((SELECT max(m.step) FROM turn_operations m
                           WHERE m.campaign_id = :campaign_id AND m.turn_index <= :turn_index), 0)) AS state) x
WHERE x.canonical_state_hash IS NOT NULL;

-- name: operations_between :many
-- What the turns behind one and up to another did to the state.
SELECT turn_index, step, op, path, value FROM turn_operations
WHERE campaign_id = :campaign_id AND turn_index > :from_turn AND turn_index <= :to_turn ORDER BY step;

-- name: wrong_turns :many
-- Every turn is played anew, the first included, from recorded patches and rolls: those whose state does not hash to what
-- the turn left. NULL: an operation of it, or of one before it, does not fit.
WITH RECURSIVE fold (step, state) AS (
  SELECT 0::bigint, c.initial_state FROM campaigns c WHERE c.campaign_id = :campaign_id
  UNION ALL
  SELECT f.step + 1, applied(f.state, o.op, o.path, o.target, o.value)
  FROM fold f JOIN turn_operations o ON o.campaign_id = :campaign_id AND o.step = f.step + 1
  WHERE f.state IS NOT NULL)
SELECT p.turn_index, p.canonical_state_hash, state_hash(f.state) AS state_hash
FROM (SELECT t.turn_index, t.canonical_state_hash,
             COALESCE((SELECT max(m.step) FROM turn_operations m
                       WHERE m.campaign_id = :campaign_id AND m.turn_index <= t.turn_index), 0) AS step
      FROM turn_events t WHERE t.campaign_id = :campaign_id) p
LEFT JOIN fold f ON f.step = p.step
WHERE state_hash(f.state) IS DISTINCT FROM p.canonical_state_hash
ORDER BY p.turn_index;

-- name: checkpoints :many
-- Those of a campaign; one that is not what its turn says is never used.
SELECT k.turn_index, k.canonical_state_hash,
       k.canonical_state_hash = t.canonical_state_hash AND state_hash(k.state) = t.canonical_state_hash AS holds
FROM campaign_checkpoints k
JOIN turn_events t ON t.campaign_id = k.campaign_id AND t.turn_index = k.turn_index
WHERE k.campaign_id = :campaign_id ORDER BY k.turn_index;

-- name: patch_faults :many
-- Which operations of a patch are none of the contract, and why. A patch without any may still not fit the state.
SELECT o.place, o.op, o.path, o.fault
FROM (
  SELECT p.place, p.op, p.path,
         COALESCE(operation_fault(p.op, p.path, p.target, p.value),
                  CASE WHEN jsonb_typeof(p.value) = 'array'
                            AND EXISTS (SELECT 1 FROM jsonb_array_elements(p.value) AS v (value)
                                        WHERE NOT value_fits(p.target, v.value))
                       THEN 'an element of the list does not fit the path' END) AS fault
  FROM (SELECT e.place, e.value ->> 'op' AS op, e.value ->> 'path' AS path, path_class(e.value ->> 'path') AS target,
               e.value -> 'value' AS value
        FROM jsonb_array_elements(:operations::jsonb) WITH ORDINALITY AS e (value, place)) p) o
WHERE o.fault IS NOT NULL ORDER BY o.place;
