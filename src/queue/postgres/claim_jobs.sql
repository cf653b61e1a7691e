-- Kinds ($2) with their leases ($3); at most $4 jobs, of none that is paused. What another session has locked is passed over.
-- Rows are found again by their places, so that no plan reads the whole table for them.
WITH wanted AS (
  SELECT j.place FROM unnest($2::text[]) AS k (kind)
  CROSS JOIN LATERAL (
    SELECT r.ctid AS place, r.priority, r.turn, r.sequence FROM reeve_jobs r
    WHERE r.ledger_id = $1::uuid AND r.kind = k.kind AND r.state = 'ready'
    ORDER BY r.priority DESC, r.turn, r.sequence LIMIT $4 FOR UPDATE SKIP LOCKED) AS j
  WHERE NOT EXISTS (SELECT 1 FROM reeve_jobs_paused p WHERE p.ledger_id = $1::uuid AND p.kind IN (k.kind, '*'))
  ORDER BY j.priority DESC, j.turn, j.sequence LIMIT $4
)
UPDATE reeve_jobs u SET state = 'running', attempts = u.attempts + 1, claims = u.claims + 1, worker = $5, started = $6::bigint,
  due = $6::bigint + (SELECT k.lease FROM unnest($2::text[], $3::bigint[]) AS k (kind, lease) WHERE k.kind = u.kind)
WHERE u.ledger_id = $1::uuid AND u.ctid = ANY (ARRAY(SELECT place FROM wanted))
RETURNING u.kind, u.sequence, u.priority, u.turn, u.attempts, u.claims, u.enqueued, u.arguments, coalesce(u.unique_key, '')
