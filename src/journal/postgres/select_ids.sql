-- One after the other through the index, whatever the planner knows of the table: LIMIT keeps it from a join, OFFSET
-- the cast out of the comparison, which is not made through an index under row-level security unless it is leakproof.
SELECT e.id, e.sequence
FROM (SELECT unnest($1::text[])::uuid AS id OFFSET 0) AS asked,
  LATERAL (SELECT r.id, r.sequence FROM reeve_events r WHERE r.ledger_id = $2 AND r.id = asked.id LIMIT 1) AS e
