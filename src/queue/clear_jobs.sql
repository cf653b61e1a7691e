DELETE FROM reeve_jobs WHERE {ledger}true
