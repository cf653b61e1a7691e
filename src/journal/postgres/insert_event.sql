INSERT INTO reeve_events
  (sequence, id, type, version, time, moment, actor, command, key, request_hash, span, payload, ledger_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
