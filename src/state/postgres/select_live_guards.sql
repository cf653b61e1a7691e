-- What keeps a table's ledgers apart, and what captures its changes.
SELECT c.relname::text, 'row-level security', CASE
    WHEN c.relrowsecurity AND c.relforcerowsecurity THEN 'forced' WHEN c.relrowsecurity THEN 'on' ELSE 'off' END
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname !~ '^reeve_'
UNION ALL
SELECT c.relname::text, 'policy ' || p.polname,
  concat_ws(' ', p.polcmd::text, p.polpermissive::text, pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid))
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname !~ '^reeve_'
UNION ALL
SELECT c.relname::text, 'trigger ' || t.tgname,
  CASE WHEN t.tgenabled = 'D' THEN 'disabled ' ELSE '' END || pg_get_triggerdef(t.oid, true)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname !~ '^reeve_' AND NOT t.tgisinternal
ORDER BY 1, 2
