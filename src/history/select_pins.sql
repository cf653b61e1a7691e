SELECT sequence, id, type, version, time, moment, actor, command, key, request_hash, span, payload
FROM reeve_events WHERE type = 'reeve.reference_pinned' ORDER BY sequence
