-- expect 1: the campaign :campaign_id is not played, or its next turn is not :turn_index
UPDATE canonical_campaign_states SET turn_index = :turn_index
WHERE campaign_id = :campaign_id AND turn_index = :turn_index - 1
  AND EXISTS (SELECT 1 FROM campaigns c WHERE c.campaign_id = :campaign_id AND c.status = 'active');

-- expect 0: the turn :turn_index of :campaign_id is not reserved by who writes it, or not any more
UPDATE canonical_campaign_states SET turn_index = turn_index
WHERE campaign_id = :campaign_id
  AND NOT CASE WHEN :reservation_id IS NULL
               THEN NOT EXISTS (SELECT 1 FROM turn_reservations r WHERE r.campaign_id = :campaign_id AND r.expires_at > :at)
               ELSE EXISTS (SELECT 1 FROM turn_reservations r
                            WHERE r.campaign_id = :campaign_id AND r.reservation_id = :reservation_id
                              AND r.base_turn = :turn_index - 1 AND r.expires_at > :at) END;

-- expect 0: the rolls of the turn are not those that fell when it was reserved
UPDATE turn_reservations SET base_turn = base_turn
WHERE campaign_id = :campaign_id AND reservation_id = :reservation_id
  AND NOT (roll_spec = COALESCE(:roll_spec, '{}'::jsonb) AND roll_results = COALESCE(:roll_results, '{}'::jsonb));

DELETE FROM turn_reservations WHERE campaign_id = :campaign_id;

-- expect 0: a roll's id stands twice
UPDATE turn_clock SET turns = turns
WHERE (SELECT count(*) - count(DISTINCT e.value ->> 'roll_id')
       FROM jsonb_array_elements(COALESCE(:roll_spec -> 'rolls', '[]')) AS e (value)) > 0;

-- expect 0: the results are not those of the rolls that are specified
UPDATE turn_clock SET turns = turns
WHERE COALESCE(jsonb_array_length(:roll_spec -> 'rolls'), 0) <> COALESCE(jsonb_array_length(:roll_results -> 'rolls'), 0)
   OR EXISTS (
     SELECT 1
     FROM jsonb_array_elements(COALESCE(:roll_spec -> 'rolls', '[]')) WITH ORDINALITY AS s (value, place)
     LEFT JOIN jsonb_array_elements(COALESCE(:roll_results -> 'rolls', '[]')) WITH ORDINALITY AS r (value, place)
       ON r.place = s.place
     WHERE r.value ->> 'roll_id' IS DISTINCT FROM s.value ->> 'roll_id'
        OR jsonb_array_length(r.value -> 'rolls') <> (s.value ->> 'dice')::bigint
        OR (r.value ->> 'total')::bigint <> (s.value ->> 'modifier')::bigint
             + (SELECT sum(d.value::bigint) FROM jsonb_array_elements_text(r.value -> 'rolls') AS d (value))
        OR (SELECT max(d.value::bigint) FROM jsonb_array_elements_text(r.value -> 'rolls') AS d (value))
             > (s.value ->> 'sides')::bigint
        OR (r.value ->> 'success')::boolean
             IS DISTINCT FROM ((r.value ->> 'total')::bigint >= (s.value ->> 'dc')::bigint));

-- expect 0: an operation of the patch is not of the contract (the query patch_faults says which, and why)
UPDATE turn_clock SET turns = turns
WHERE EXISTS (
  SELECT 1
  FROM (SELECT e.value ->> 'op' AS op, e.value ->> 'path' AS path, path_class(e.value ->> 'path') AS target,
               e.value -> 'value' AS value
        FROM jsonb_array_elements(COALESCE(:state_patch -> 'operations', '[]')) AS e (value)) o
  WHERE operation_fault(o.op, o.path, o.target, o.value) IS NOT NULL);

-- expect 0: an element of a list in the patch does not fit its path (the query patch_faults says which)
UPDATE turn_clock SET turns = turns
WHERE EXISTS (
  SELECT 1
  FROM jsonb_array_elements(COALESCE(:state_patch -> 'operations', '[]')) AS e (value),
       jsonb_array_elements(CASE WHEN jsonb_typeof(e.value -> 'value') = 'array' THEN e.value -> 'value'
                                 ELSE '[]'::jsonb END) AS v (value)
  WHERE NOT value_fits(path_class(e.value ->> 'path'), v.value));

INSERT INTO turn_events (turn_id, campaign_id, turn_index, user_input_text, llm_response_text, roll_spec, roll_results,
                         state_patch, canonical_state_hash, lore_deltas, universe_time_after_turn, created_at)
SELECT :turn_id, s.campaign_id, :turn_index, :user_input_text, :llm_response_text, COALESCE(:roll_spec, '{}'::jsonb),
       COALESCE(:roll_results, '{}'::jsonb), COALESCE(:state_patch, '{}'::jsonb), s.canonical_state_hash,
       COALESCE(:lore_deltas, '[]'::jsonb), s.state -> 'time', :at
FROM canonical_campaign_states s WHERE s.campaign_id = :campaign_id;

INSERT INTO turn_operations (campaign_id, step, turn_index, op, path, target, value)
SELECT :campaign_id,
       COALESCE((SELECT max(o.step) FROM turn_operations o WHERE o.campaign_id = :campaign_id), 0) + e.place, :turn_index,
       e.value ->> 'op', e.value ->> 'path', path_class(e.value ->> 'path'), e.value -> 'value'
FROM jsonb_array_elements(COALESCE(:state_patch -> 'operations', '[]')) WITH ORDINALITY AS e (value, place);

UPDATE canonical_campaign_states SET next_state = (
  WITH RECURSIVE fold (step, state) AS (
    SELECT COALESCE((SELECT max(m.step) FROM turn_operations m
                     WHERE m.campaign_id = :campaign_id AND m.turn_index < :turn_index), 0)::bigint, s.state
    FROM canonical_campaign_states s WHERE s.campaign_id = :campaign_id
    UNION ALL
    SELECT f.step + 1, applied(f.state, o.op, o.path, o.target, o.value)
    FROM fold f JOIN turn_operations o ON o.campaign_id = :campaign_id AND o.step = f.step + 1
    WHERE f.state IS NOT NULL)
  SELECT f.state FROM fold f
  WHERE f.step = COALESCE((SELECT max(m.step) FROM turn_operations m WHERE m.campaign_id = :campaign_id), 0))
WHERE campaign_id = :campaign_id;

-- expect 1: an operation of the patch does not fit the state: what it replaces or removes is not there, or its place is not
UPDATE canonical_campaign_states SET next_state = next_state
WHERE campaign_id = :campaign_id AND next_state IS NOT NULL;

-- expect 1: time moves at most 100 years in a turn
UPDATE canonical_campaign_states SET state = next_state, canonical_state_hash = state_hash(next_state), next_state = NULL
WHERE campaign_id = :campaign_id
  AND day_of(next_state -> 'time', state -> 'calendar') - day_of(state -> 'time', state -> 'calendar')
      <= days_in('{"years":100}', state -> 'calendar');

-- expect 0: the state after the turn :turn_index does not hash to :state_hash
UPDATE canonical_campaign_states SET turn_index = turn_index
WHERE campaign_id = :campaign_id AND canonical_state_hash <> :state_hash;

UPDATE turn_events SET canonical_state_hash = s.canonical_state_hash, universe_time_after_turn = s.state -> 'time'
FROM canonical_campaign_states s
WHERE s.campaign_id = :campaign_id AND turn_events.campaign_id = :campaign_id AND turn_events.turn_index = :turn_index;

INSERT INTO campaign_checkpoints (campaign_id, turn_index, state, canonical_state_hash, created_at)
SELECT s.campaign_id, s.turn_index, s.state, s.canonical_state_hash, :at
FROM canonical_campaign_states s WHERE s.campaign_id = :campaign_id AND :turn_index % 10 = 0;

INSERT INTO lore_chunks (chunk_id, universe_id, chunk_type, source_ref, text, tags, time_range, from_year, to_year,
                         campaign_id, turn_index, created_at, updated_at)
SELECT (e.value ->> 'chunk_id')::uuid, c.universe_id, 'soft_lore', 'turn ' || :turn_index::text, e.value ->> 'text',
       COALESCE(e.value -> 'tags', '[]'),
       COALESCE(e.value -> 'time_range', jsonb_build_object('from_year', s.state -> 'time' -> 'year')),
       COALESCE((e.value -> 'time_range' ->> 'from_year')::bigint, (s.state -> 'time' ->> 'year')::bigint),
       (e.value -> 'time_range' ->> 'to_year')::bigint, :campaign_id, :turn_index, :at, :at
FROM campaigns c JOIN canonical_campaign_states s ON s.campaign_id = c.campaign_id,
     jsonb_array_elements(COALESCE(:lore_deltas, '[]'::jsonb)) AS e (value)
WHERE c.campaign_id = :campaign_id;

UPDATE universes SET current_universe_time = COALESCE((
  SELECT s.state -> 'time'
  FROM canonical_campaign_states s JOIN campaigns c ON c.campaign_id = s.campaign_id
  WHERE c.universe_id = universes.universe_id
  ORDER BY day_of(s.state -> 'time', s.state -> 'calendar') DESC, s.campaign_id, c.campaign_id LIMIT 1), current_universe_time)
WHERE universe_id = (SELECT o.universe_id FROM campaigns o WHERE o.campaign_id = :campaign_id);

UPDATE turn_clock SET turns = turns + 1 WHERE clock_id = 1;
