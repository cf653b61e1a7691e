-- The pseudonyms are random and kept nowhere else: with this statement's end nothing leads back from them.
WITH drawn AS MATERIALIZED (SELECT gen_random_uuid() AS trail),
people AS MATERIALIZED (
  SELECT actor, gen_random_uuid()::text AS pseudonym
  FROM (SELECT DISTINCT actor FROM reeve_events WHERE ledger_id = $1 AND actor <> '') AS actors
)
INSERT INTO reeve_trails (trail, actor, type, month, events)
SELECT trail, coalesce(pseudonym, ''), type, date_trunc('month', time AT TIME ZONE 'UTC')::date, count(*)
FROM reeve_events CROSS JOIN drawn LEFT JOIN people USING (actor)
WHERE ledger_id = $1
GROUP BY 1, 2, 3, 4
