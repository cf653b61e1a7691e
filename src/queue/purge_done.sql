DELETE FROM reeve_jobs_done WHERE {ledger}finished < ?1 AND kind = ?2
