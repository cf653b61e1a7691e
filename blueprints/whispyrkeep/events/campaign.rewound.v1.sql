-- expect 1: the campaign :campaign_id has no turn after :turn_index
UPDATE canonical_campaign_states SET next_state = (
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
                           WHERE m.campaign_id = :campaign_id AND m.turn_index <= :turn_index), 0))
WHERE campaign_id = :campaign_id AND turn_index > :turn_index;

-- expect 1: the turns up to :turn_index do not give the state that the turn :turn_index left
UPDATE canonical_campaign_states
SET state = next_state, canonical_state_hash = state_hash(next_state), turn_index = :turn_index, next_state = NULL
WHERE campaign_id = :campaign_id
  AND state_hash(next_state) = COALESCE(
    (SELECT t.canonical_state_hash FROM turn_events t WHERE t.campaign_id = :campaign_id AND t.turn_index = :turn_index),
    (SELECT c.initial_state_hash FROM campaigns c WHERE c.campaign_id = :campaign_id));

UPDATE lore_chunks SET is_compacted = false, superseded_by = NULL
WHERE campaign_id = :campaign_id AND turn_index <= :turn_index
  AND superseded_by IN (SELECT l.chunk_id FROM lore_chunks l
                        WHERE l.campaign_id = :campaign_id AND l.turn_index > :turn_index);

DELETE FROM lore_chunks WHERE campaign_id = :campaign_id AND turn_index > :turn_index;

DELETE FROM turn_reservations WHERE campaign_id = :campaign_id;

DELETE FROM campaign_checkpoints WHERE campaign_id = :campaign_id AND turn_index > :turn_index;

DELETE FROM turn_events WHERE campaign_id = :campaign_id AND turn_index > :turn_index;

UPDATE universes SET current_universe_time = COALESCE((
  SELECT s.state -> 'time'
  FROM canonical_campaign_states s JOIN campaigns c ON c.campaign_id = s.campaign_id
  WHERE c.universe_id = universes.universe_id
  ORDER BY day_of(s.state -> 'time', s.state -> 'calendar') DESC, s.campaign_id, c.campaign_id LIMIT 1), current_universe_time)
WHERE universe_id = (SELECT o.universe_id FROM campaigns o WHERE o.campaign_id = :campaign_id);
