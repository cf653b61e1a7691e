SELECT kind, state, count(*) FROM reeve_jobs WHERE {ledger}true GROUP BY kind, state ORDER BY kind, state
