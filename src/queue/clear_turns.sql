DELETE FROM reeve_jobs_turns WHERE {ledger}true
