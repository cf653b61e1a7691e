-- One after the other through the index, whatever the planner knows of the table: LIMIT keeps it from a join.
SELECT e.key, e.sequence, e.span, e.request_hash
FROM unnest($1::text[]) AS asked (key),
  LATERAL (SELECT r.key, r.sequence, r.span, r.request_hash FROM reeve_events r
           WHERE r.ledger_id = $2 AND r.key = asked.key LIMIT 1) AS e
