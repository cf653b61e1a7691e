SELECT c.relname::text, concat_ws(' ', c.reloptions::text, pg_get_viewdef(c.oid, true))
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('v', 'm') AND c.relname !~ '^reeve_'
ORDER BY 1
