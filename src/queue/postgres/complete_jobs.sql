-- Jobs ($2 to $4: kinds, sequences, claims) that end well, with their results ($5); those with $6 are kept as done at $7. In
-- the order given, by the primary key: others who lock them do so in that order. What is asked of a row beside its key stands
-- outside (OFFSET 0), and rows are found again by their places, so that no plan looks through all jobs for each of them.
WITH wanted AS (
  SELECT * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[]) AS w (kind, sequence, claims, result, is_kept)
), locked AS MATERIALIZED (
  SELECT j.place, w.result, w.is_kept FROM wanted w CROSS JOIN LATERAL (
    SELECT r.ctid AS place, r.claims, r.state, r.next_sequence FROM reeve_jobs r
    WHERE r.ledger_id = $1::uuid AND r.kind = w.kind AND r.sequence = w.sequence OFFSET 0 FOR UPDATE) AS j
  WHERE j.claims = w.claims AND j.state = 'running' AND j.next_sequence IS NULL
), gone AS (
  DELETE FROM reeve_jobs r USING locked l WHERE r.ctid = l.place
  RETURNING r.kind, r.sequence, r.attempts, r.enqueued, r.started, r.worker, l.result, l.is_kept
), done AS (
  INSERT INTO reeve_jobs_done (ledger_id, finished, kind, sequence, outcome, attempts, enqueued, started, worker, result)
  SELECT $1::uuid, $7, g.kind, g.sequence, 'completed', g.attempts, g.enqueued, g.started, g.worker, g.result
  FROM gone g WHERE g.is_kept > 0
)
SELECT kind, sequence FROM gone
