UPDATE reeve_jobs_schedules SET next = ?3, last = coalesce(?4, last)
WHERE {ledger}kind = ?1 AND next = ?2
RETURNING next
