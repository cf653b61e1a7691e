-- What somebody may have added to a schema by hand that opens it to other ledgers' rows, as far as this session, or a
-- role that it may become, can reach it: the object and why, or no row. docs/postgres.md lists the kinds.
WITH RECURSIVE roles AS (
  SELECT r.oid, r.rolname, r.rolcreaterole, r.rolreplication FROM pg_roles r
  WHERE pg_has_role(session_user, r.oid, 'MEMBER')
),
home AS (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema()),
ours AS (
  SELECT c.oid, c.relname, c.relkind, c.relrowsecurity AND c.relforcerowsecurity AS is_guarded,
    c.relname IN ('reeve_format', 'reeve_ledgers', 'reeve_trails', 'reeve_names', 'reeve_epoch_files', 'reeve_sources',
      'reeve_layouts') AS is_shared,
    -- Its rows are kept by version, for all ledgers, and shown to those that have pinned it.
    EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = 1 AND a.attname = 'reeve_version')
      AS is_reference
  FROM pg_class c WHERE c.relnamespace = (SELECT oid FROM home)
),
-- Views of any schema over a ledger's tables, directly or through other views.
views (oid) AS (
  SELECT w.ev_class FROM ours o
    JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = o.oid
      AND d.classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite w ON w.oid = d.objid AND w.ev_class <> o.oid
  WHERE o.relkind IN ('r', 'p') AND NOT o.is_shared
  UNION
  SELECT w.ev_class FROM views v
    JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = v.oid
      AND d.classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite w ON w.oid = d.objid
),
openings (object, reason) AS (
  SELECT 'table ' || o.relname, 'is not held to row-level security' FROM ours o
  WHERE o.relkind IN ('r', 'p', 'f') AND NOT o.is_shared AND NOT o.is_guarded
    AND EXISTS (SELECT FROM roles r
                WHERE has_any_column_privilege(r.oid, o.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
                  OR has_table_privilege(r.oid, o.oid, 'DELETE'))
  UNION ALL
  SELECT 'policy ' || p.polname || ' of table ' || o.relname, 'is none of Reeve''s'
  FROM pg_policy p JOIN ours o ON o.oid = p.polrelid
  WHERE p.polpermissive
    AND NOT (o.is_reference AND p.polname = 'reeve_tenant' AND p.polcmd = 'r' AND p.polroles = '{0}'
      AND regexp_replace(pg_get_expr(p.polqual, p.polrelid), '\s+', ' ', 'g') =
        '(reeve_version = ( SELECT (reeve_meta.value)::uuid AS value FROM reeve_meta WHERE ((reeve_meta.ledger_id = '
        '(NULLIF(current_setting(''reeve.ledger_id''::text, true), ''''::text))::uuid) AND (reeve_meta.name = '
        '''reference''::text))))')
    AND NOT (o.is_reference AND p.polname = 'reeve_publish' AND p.polcmd = 'a')
    AND (p.polname <> 'reeve_tenant' OR p.polcmd <> '*' OR p.polroles <> '{0}'
      OR pg_get_expr(p.polqual, p.polrelid) IS DISTINCT FROM pg_get_expr(p.polwithcheck, p.polrelid)
      OR pg_get_expr(p.polqual, p.polrelid) IS DISTINCT FROM
        '(ledger_id = (NULLIF(current_setting(''reeve.ledger_id''::text, true), ''''::text))::uuid)')
  UNION ALL
  SELECT CASE c.relkind WHEN 'm' THEN 'materialised view ' ELSE 'view ' END || c.oid::regclass::text,
    CASE c.relkind WHEN 'm' THEN 'keeps rows of every ledger' ELSE 'does not run with its caller''s rights' END
  FROM views v JOIN pg_class c ON c.oid = v.oid
  WHERE (c.relkind = 'm' OR c.relkind = 'v' AND NOT EXISTS (
      SELECT FROM pg_options_to_table(c.reloptions)
      WHERE option_name = 'security_invoker' AND option_value::boolean))
    AND EXISTS (SELECT FROM roles r
                WHERE has_any_column_privilege(r.oid, c.oid, 'SELECT') AND has_schema_privilege(r.oid, c.relnamespace, 'USAGE'))
  UNION ALL
  SELECT 'function ' || p.oid::regprocedure::text,
    CASE WHEN p.prosecdef THEN 'runs with its owner''s rights' ELSE 'is said to leak nothing' END
  FROM pg_proc p JOIN pg_roles o ON o.oid = p.proowner
  WHERE p.oid >= 16384
    AND (p.proleakproof OR p.prosecdef AND (p.pronamespace = (SELECT oid FROM home) OR o.rolsuper OR o.rolbypassrls
        OR EXISTS (SELECT FROM ours t JOIN pg_class c ON c.oid = t.oid WHERE pg_has_role(o.oid, c.relowner, 'MEMBER'))))
    -- Reeve's own, here and in other schemas of its making.
    AND NOT EXISTS (SELECT FROM pg_proc f
                    WHERE f.pronamespace = (SELECT oid FROM home) AND f.proname IN ('reeve_find_ledger', 'reeve_only_ledger',
                        'reeve_reserve_name', 'reeve_confirm_name', 'reeve_release_name', 'reeve_list_names')
                      AND f.proname = p.proname AND f.proargtypes = p.proargtypes AND f.prosrc = p.prosrc)
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    AND EXISTS (SELECT FROM roles r
                WHERE has_function_privilege(r.oid, p.oid, 'EXECUTE') AND has_schema_privilege(r.oid, p.pronamespace, 'USAGE'))
  UNION ALL
  SELECT 'index ' || c.relname, 'is unique over all ledgers'
  FROM pg_index i JOIN ours o ON o.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
  WHERE (i.indisunique OR i.indisexclusion) AND NOT o.is_shared
    AND a.attname IS DISTINCT FROM CASE WHEN o.is_reference THEN 'reeve_version' ELSE 'ledger_id' END
  UNION ALL
  SELECT 'foreign key ' || k.conname || ' of table ' || k.conrelid::regclass::text, 'points to rows of every ledger'
  FROM pg_constraint k JOIN ours o ON o.oid = k.confrelid AND NOT o.is_shared
    LEFT JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
    LEFT JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
  WHERE k.contype = 'f' AND (a.attname IS DISTINCT FROM b.attname
    OR a.attname IS DISTINCT FROM CASE WHEN o.is_reference THEN 'reeve_version' ELSE 'ledger_id' END)
  UNION ALL
  SELECT 'table ' || o.relname, 'is read through a parent, past its own policy'
  FROM pg_inherits i JOIN ours o ON o.oid = i.inhrelid AND o.relkind IN ('r', 'p')
  UNION ALL
  SELECT 'trigger ' || t.tgname || ' of table ' || o.relname, 'is none of Reeve''s'
  FROM pg_trigger t JOIN ours o ON o.oid = t.tgrelid
  WHERE NOT t.tgisinternal AND t.tgname <> '0_reeve_capture'
    AND t.tgfoid IS DISTINCT FROM to_regprocedure(quote_ident(current_schema()) || '.reeve_check_reference()')
    AND t.tgfoid IS DISTINCT FROM to_regprocedure(quote_ident(current_schema()) || '.reeve_check_tree()')
  UNION ALL
  SELECT 'rule ' || w.rulename || ' of table ' || o.relname, 'is none of Reeve''s'
  FROM pg_rewrite w JOIN ours o ON o.oid = w.ev_class AND o.relkind IN ('r', 'p')
  UNION ALL
  SELECT 'table ' || o.relname, 'can be emptied or pointed to, or given triggers, by ' || r.rolname
  FROM ours o CROSS JOIN roles r
  WHERE o.relkind IN ('r', 'p') AND has_table_privilege(r.oid, o.oid, 'TRUNCATE, REFERENCES, TRIGGER')
  UNION ALL
  SELECT 'table ' || o.relname,
    CASE WHEN o.relname IN ('reeve_ledgers', 'reeve_trails', 'reeve_names') THEN 'can be listed or written by '
      ELSE 'can be written by ' END || r.rolname
  FROM ours o CROSS JOIN roles r
  WHERE o.is_shared AND (has_table_privilege(r.oid, o.oid, 'INSERT, UPDATE, DELETE')
    OR o.relname IN ('reeve_ledgers', 'reeve_trails', 'reeve_names') AND has_any_column_privilege(r.oid, o.oid, 'SELECT'))
  UNION ALL
  SELECT 'sequence ' || o.relname, 'counts for all ledgers and can be read by ' || r.rolname
  FROM ours o CROSS JOIN roles r
  WHERE CASE o.relkind WHEN 'S' THEN has_sequence_privilege(r.oid, o.oid, 'SELECT, USAGE, UPDATE') END
  UNION ALL
  SELECT 'role ' || r.rolname,
    CASE WHEN r.rolcreaterole THEN 'may grant itself other roles' WHEN r.rolreplication THEN 'may read all of the server'
      ELSE 'may read or write the server''s files' END
  FROM roles r
  WHERE r.rolcreaterole OR r.rolreplication
    OR r.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
  UNION ALL
  SELECT 'schema ' || current_schema(), 'takes new objects from ' || r.rolname
  FROM roles r WHERE has_schema_privilege(r.oid, (SELECT oid FROM home), 'CREATE')
)
SELECT object, reason FROM openings ORDER BY object COLLATE "C", reason COLLATE "C" LIMIT 1
