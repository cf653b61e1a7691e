SELECT sequence, id, type, version, time, moment, actor, command, key, request_hash, span, payload
FROM reeve_events WHERE sequence > ?1 ORDER BY sequence
