UPDATE reeve_jobs SET state = 'ready'
WHERE {ledger}(kind, sequence) IN (
  SELECT j.kind, j.sequence FROM reeve_jobs j
  WHERE {ledger}j.state = 'blocked'
    AND NOT EXISTS (SELECT 1 FROM reeve_jobs p WHERE {ledger}p.kind = j.waits_for AND p.unique_key = j.unique_key
                    AND p.unique_key IS NOT NULL AND p.state <> 'dead')
    AND NOT EXISTS (SELECT 1 FROM reeve_jobs d WHERE {ledger}d.kind = j.waits_for AND d.unique_key = j.unique_key
                    AND d.state = 'dead')
  LIMIT 1000{skip_locked_j})
