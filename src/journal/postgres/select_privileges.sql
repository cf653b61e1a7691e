-- What a session may do that no application may: the reason, or no row.
SELECT CASE
  WHEN r.rolsuper THEN 'is a superuser'
  WHEN r.rolbypassrls THEN 'may bypass row-level security'
  WHEN pg_has_role(r.rolname, 'reeve_owner', 'MEMBER') THEN 'is a member of reeve_owner'
  WHEN EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relnamespace = current_schema()::regnamespace)
    THEN 'owns tables of the schema'
  END AS reason
FROM pg_roles r WHERE r.rolname = session_user
