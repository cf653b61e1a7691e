SELECT m.name, x.name, x.type, x."notnull", x.dflt_value
FROM sqlite_schema m, pragma_table_xinfo(m.name) x
WHERE m.type = 'table' AND m.name NOT GLOB 'reeve_*' AND m.name NOT GLOB 'sqlite_*'
ORDER BY 1, 2
