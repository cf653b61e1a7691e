-- One row a column; of constraints' indexes too.
SELECT m.name, i.name, coalesce(c.name, '(an expression)'), i."unique", i.partial, i.origin, s.sql
FROM sqlite_schema m, pragma_index_list(m.name) i, pragma_index_xinfo(i.name) c
  LEFT JOIN sqlite_schema s ON s.type = 'index' AND s.name = i.name
WHERE m.type = 'table' AND m.name NOT GLOB 'reeve_*' AND m.name NOT GLOB 'sqlite_*' AND c.key
ORDER BY 1, 2, c.seqno
