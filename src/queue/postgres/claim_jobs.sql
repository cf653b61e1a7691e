-- Kinds ($2) with their leases ($3); at most $4 jobs. What another session has locked is passed over.
WITH wanted AS (
  SELECT j.kind, j.sequence, k.lease FROM unnest($2::text[], $3::bigint[]) AS k (kind, lease)
  CROSS JOIN LATERAL (
    SELECT r.kind, r.sequence, r.priority, r.turn FROM reeve_jobs r
    WHERE r.ledger_id = $1::uuid AND r.kind = k.kind AND r.state = 'ready'
    ORDER BY r.priority DESC, r.turn, r.sequence LIMIT $4 FOR UPDATE SKIP LOCKED) AS j
  ORDER BY j.priority DESC, j.turn, j.sequence LIMIT $4
)
UPDATE reeve_jobs u SET state = 'running', attempts = u.attempts + 1, claims = u.claims + 1, worker = $5,
  started = $6::bigint, due = $6::bigint + w.lease
FROM wanted w WHERE u.ledger_id = $1::uuid AND u.kind = w.kind AND u.sequence = w.sequence
RETURNING u.kind, u.sequence, u.priority, u.turn, u.attempts, u.claims, u.enqueued, u.arguments, coalesce(u.unique_key, '')
