SELECT name FROM sqlite_schema AS s WHERE CASE
  WHEN type IN ('table', 'view') THEN tbl_name <> name OR name LIKE 'sqlite\_autoindex%' ESCAPE '\'
  WHEN type = 'index' THEN NOT EXISTS (SELECT 1 FROM pragma_index_list(s.tbl_name) AS l WHERE l.name = s.name)
    OR NOT EXISTS (SELECT 1 FROM sqlite_schema AS t WHERE t.type = 'table' AND t.name = s.tbl_name)
    OR (name LIKE 'sqlite\_autoindex%' ESCAPE '\' AND (sql IS NOT NULL
      OR substr(name, 1, 18 + length(tbl_name)) <> 'sqlite_autoindex_' || tbl_name || '_'))
  WHEN type = 'trigger' THEN NOT EXISTS
    (SELECT 1 FROM sqlite_schema AS t WHERE t.type IN ('table', 'view') AND t.name = s.tbl_name)
  ELSE true END
ORDER BY name;
