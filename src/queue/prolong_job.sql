-- The key alone finds it: an index of running jobs would be read through for each.
UPDATE reeve_jobs SET due = ?4
WHERE {ledger}kind = ?1 AND sequence = ?2 AND claims = ?3 AND coalesce(state, '') = 'running'
RETURNING cancelled
