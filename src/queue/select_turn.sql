SELECT turn FROM reeve_jobs_turns WHERE {ledger}priority = ?1 AND tier = ?2
