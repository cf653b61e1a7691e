-- Whether there is a table of that name in the search path.
SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND pg_table_is_visible(oid) AND relname = $1::text
