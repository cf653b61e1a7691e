DELETE FROM campaign_checkpoints WHERE campaign_id = :campaign_id AND turn_index = :turn_index;

-- expect 1: no turn :turn_index of the campaign :campaign_id, or its turns do not give the state that it left
INSERT INTO campaign_checkpoints (campaign_id, turn_index, state, canonical_state_hash, created_at)
SELECT t.campaign_id, t.turn_index, r.state, t.canonical_state_hash, :at
FROM turn_events t CROSS JOIN (
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
                           WHERE m.campaign_id = :campaign_id AND m.turn_index <= :turn_index), 0)) AS r
WHERE t.campaign_id = :campaign_id AND t.turn_index = :turn_index AND state_hash(r.state) = t.canonical_state_hash;
