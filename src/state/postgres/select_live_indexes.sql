-- One row a column, without ledger_id; of constraints' indexes too.
SELECT c.relname::text, i.relname::text, pg_get_indexdef(i.oid, place.number, true),
  x.indisunique, x.indpred IS NOT NULL, k.oid IS NOT NULL, pg_get_indexdef(i.oid, 0, true), x.indisvalid
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
  CROSS JOIN LATERAL generate_series(1, x.indnkeyatts) AS place (number)
  LEFT JOIN pg_constraint k ON k.conindid = i.oid AND k.contype IN ('p', 'u', 'x')
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname !~ '^reeve_'
  AND (place.number > 1 OR x.indnkeyatts = 1 OR pg_get_indexdef(i.oid, 1, true) <> 'ledger_id')
ORDER BY 1, 2, place.number
