SELECT priority, tier, turn FROM reeve_jobs_turns WHERE {ledger}true ORDER BY priority, tier
