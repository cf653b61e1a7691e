-- Writes the turn that was reserved, with the rolls that fell for it.
-- check: the turn is not reserved by :reservation_id, or not any more
SELECT EXISTS (SELECT 1 FROM turn_reservations
               WHERE campaign_id = :campaign_id AND reservation_id = :reservation_id AND expires_at > now());

-- emit: turn.recorded
SELECT :campaign_id AS campaign_id, new_uuid('turn') AS turn_id, r.base_turn + 1 AS turn_index,
       :reservation_id AS reservation_id, :user_input_text AS user_input_text, :llm_response_text AS llm_response_text,
       CASE WHEN r.roll_spec <> '{}'::jsonb THEN r.roll_spec END AS roll_spec,
       CASE WHEN r.roll_spec <> '{}'::jsonb THEN r.roll_results END AS roll_results, :state_patch AS state_patch,
       (SELECT jsonb_agg(jsonb_set(e.value, '{chunk_id}', to_jsonb(new_uuid('lore:' || e.place::text)::text))
                         ORDER BY e.place)
        FROM jsonb_array_elements(COALESCE(:lore_deltas, '[]'::jsonb)) WITH ORDINALITY AS e (value, place)) AS lore_deltas
FROM turn_reservations r WHERE r.campaign_id = :campaign_id;
