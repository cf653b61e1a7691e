SELECT 1 FROM reeve_jobs WHERE {ledger}kind = ?1 AND sequence = ?2
