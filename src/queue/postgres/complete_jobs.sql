-- Jobs ($2 to $4: kinds, sequences, claims) that end well, with their results ($5); those with $6 are kept as done at $7. In
-- the order given, by the primary key: others who lock them do so in that order.
WITH wanted AS (
  SELECT * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[]) AS w (kind, sequence, claims, result, is_kept)
), gone AS (
  DELETE FROM reeve_jobs WHERE ctid = ANY (ARRAY(
    SELECT j.place FROM wanted w CROSS JOIN LATERAL (
      SELECT r.ctid AS place FROM reeve_jobs r
      WHERE r.ledger_id = $1::uuid AND r.kind = w.kind AND r.sequence = w.sequence AND r.claims = w.claims
        AND r.state = 'running' AND r.next_sequence IS NULL FOR UPDATE) AS j))
  RETURNING kind, sequence, attempts, enqueued, started, worker
), done AS (
  INSERT INTO reeve_jobs_done (ledger_id, finished, kind, sequence, outcome, attempts, enqueued, started, worker, result)
  SELECT $1::uuid, $7, g.kind, g.sequence, 'completed', g.attempts, g.enqueued, g.started, g.worker, w.result
  FROM gone g JOIN wanted w USING (kind, sequence) WHERE w.is_kept > 0
)
SELECT kind, sequence FROM gone
