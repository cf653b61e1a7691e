-- Whether an index is there, and was built to its end.
SELECT x.indisvalid FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
WHERE i.relname = $1 AND i.relnamespace = current_schema()::regnamespace
