-- What a schema holds beside what SQLite and Reeve keep for themselves.
SELECT type, name, coalesce(sql, ''), rootpage FROM sqlite_schema
WHERE tbl_name <> 'reeve_migrations' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
