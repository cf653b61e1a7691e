-- Whether there is a table of that name.
SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = $1
