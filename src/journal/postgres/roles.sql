-- The three roles of a cluster, made once. People and programs log in with roles of their own that are members.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['reeve_owner', 'reeve_writer', 'reeve_reader'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB', name);
    END IF;
  END LOOP;
END $$;
