-- Tables that hold rows of ledgers, without the directory itself.
SELECT c.relname
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'ledger_id' AND NOT a.attisdropped
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
  AND c.relname <> 'reeve_ledgers'
ORDER BY c.relname COLLATE "C"
