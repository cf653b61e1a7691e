SELECT m.name, f.id, f."from", f."table", f."to", f.on_update, f.on_delete
FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
WHERE m.type = 'table' AND m.name NOT GLOB 'reeve_*' AND m.name NOT GLOB 'sqlite_*'
ORDER BY 1, 2, f.seq
