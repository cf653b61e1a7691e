-- Lets the dice of a reserved turn fall: the ledger's, which nobody can steer or let fall twice.
-- check: the turn is not reserved by :reservation_id, or not any more
SELECT EXISTS (SELECT 1 FROM turn_reservations
               WHERE campaign_id = :campaign_id AND reservation_id = :reservation_id AND expires_at > now());

-- check: the dice of this turn have fallen already
SELECT EXISTS (SELECT 1 FROM turn_reservations WHERE campaign_id = :campaign_id AND roll_spec = '{}'::jsonb);

-- check: there is nothing to roll
SELECT COALESCE(jsonb_array_length(:roll_spec -> 'rolls'), 0) > 0;

-- emit: turn.rolled
SELECT :campaign_id AS campaign_id, :reservation_id AS reservation_id, :roll_spec AS roll_spec,
       jsonb_build_object('rolls', jsonb_agg(
         jsonb_strip_nulls(jsonb_build_object(
           'roll_id', r.roll ->> 'roll_id', 'rolls', r.fallen, 'total', r.total,
           'success', r.total >= (r.roll ->> 'dc')::bigint)) ORDER BY r.place)) AS roll_results
FROM (
  SELECT d.place, d.roll, jsonb_agg(d.fallen ORDER BY d.die) AS fallen,
         sum(d.fallen)::bigint + (d.roll ->> 'modifier')::bigint AS total
  FROM (
    SELECT s.place, s.roll, g.die,
           dice('roll:' || :reservation_id::text || ':' || (s.roll ->> 'roll_id') || ':' || g.die::text,
                (s.roll ->> 'sides')::bigint) AS fallen
    FROM jsonb_array_elements(:roll_spec -> 'rolls') WITH ORDINALITY AS s (roll, place),
         generate_series(1, (s.roll ->> 'dice')::bigint) AS g (die)) d
  GROUP BY d.place, d.roll) r;
