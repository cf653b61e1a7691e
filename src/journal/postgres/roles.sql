-- The three roles of a cluster, made once. People and programs log in with roles of their own that are members.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['reeve_owner', 'reeve_writer', 'reeve_reader'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB', name);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;  -- somebody makes them for another database of the cluster
      END;
    END IF;
  END LOOP;
END $$;
