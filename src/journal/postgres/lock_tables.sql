-- Of the schema $1, or of the session's.
SELECT pg_advisory_xact_lock(hashtextextended('reeve.tables ' || coalesce(nullif($1, ''), current_schema()), 0))::text
