SELECT sequence, id, type, version, time, moment, actor, command, key, request_hash, span, payload
FROM reeve_events WHERE sequence > $1 AND ledger_id = $2 ORDER BY sequence LIMIT $3
