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

-- expect 1: no reservation :reservation_id that holds, or its dice have fallen already
UPDATE turn_reservations SET roll_spec = :roll_spec, roll_results = :roll_results
WHERE campaign_id = :campaign_id AND reservation_id = :reservation_id AND expires_at > :at AND roll_spec = '{}'::jsonb;
