SELECT count(*) FROM pg_namespace WHERE nspname = 'reeve_access' AND has_schema_privilege(oid, 'USAGE')
