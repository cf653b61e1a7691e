-- Side by side, one row of all arrays after the other: unnest() in FROM would first write each array to a store of its own.
INSERT INTO reeve_events
  (sequence, id, type, version, time, moment, actor, command, key, request_hash, span, payload, ledger_id)
SELECT unnest($1::bigint[]), unnest($2::uuid[]), unnest($3::text[]), unnest($4::bigint[]),
  unnest($5::timestamptz[]), unnest($6::bigint[]), unnest($7::text[]), unnest($8::text[]), unnest($9::text[]),
  unnest($10::text[]), unnest($11::bigint[]), unnest($12::text[]), $13::uuid
