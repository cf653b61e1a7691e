SELECT kind, expression, next, last FROM reeve_jobs_schedules WHERE {ledger}true ORDER BY kind
