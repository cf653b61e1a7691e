DELETE FROM reeve_jobs_turns
WHERE {ledger}tier <> '*' AND EXISTS (SELECT 1 FROM reeve_jobs_turns c WHERE {ledger}c.priority = reeve_jobs_turns.priority
                                      AND c.tier = '*' AND c.turn >= reeve_jobs_turns.turn)
