-- One row a column, without ledger_id.
SELECT c.relname::text, k.conname::text, a.attname::text
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
  CROSS JOIN LATERAL unnest(k.conkey) WITH ORDINALITY AS part (number, place)
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = part.number
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname !~ '^reeve_'
  AND k.contype = 'f' AND a.attname <> 'ledger_id'
ORDER BY 1, 2, part.place
