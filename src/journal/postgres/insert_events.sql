INSERT INTO reeve_events
  (sequence, id, type, version, time, moment, actor, command, key, request_hash, span, payload, ledger_id)
SELECT e.sequence, e.id::uuid, e.type, e.version, e.time::timestamptz, e.moment, e.actor, e.command, e.key,
  e.request_hash, e.span, e.payload, $13::uuid
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::text[],
            $9::text[], $10::text[], $11::bigint[], $12::text[])
  AS e (sequence, id, type, version, time, moment, actor, command, key, request_hash, span, payload)
