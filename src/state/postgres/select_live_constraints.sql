SELECT c.relname::text, k.conname::text, pg_get_constraintdef(k.oid, true), k.contype::text
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname !~ '^reeve_'
  AND k.contype IN ('p', 'u', 'f', 'c', 'x')
ORDER BY 1, 2
