DELETE FROM reeve_jobs_paused WHERE {ledger}(?1 = '*' OR kind = ?1) RETURNING kind
