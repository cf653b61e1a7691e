-- What a session, or a role that it may become, may do that no application may: the reasons, or no row.
SELECT CASE
  WHEN r.rolsuper THEN 'is a superuser'
  WHEN r.rolbypassrls THEN 'may bypass row-level security'
  WHEN r.rolname = 'reeve_owner' THEN 'is a member of reeve_owner'
  ELSE 'owns tables of the schema'
  END AS reason
FROM pg_roles r
WHERE pg_has_role(session_user, r.oid, 'MEMBER')
  AND (r.rolsuper OR r.rolbypassrls OR r.rolname = 'reeve_owner'
    OR EXISTS (SELECT FROM pg_class c
               WHERE c.relowner = r.oid AND c.relnamespace = current_schema()::regnamespace))
ORDER BY r.rolsuper DESC, r.rolbypassrls DESC, r.rolname
