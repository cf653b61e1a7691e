CREATE OR REPLACE FUNCTION reeve_refuse_reference(name text, table_name text) RETURNS boolean LANGUAGE plpgsql AS $reeve$
-- Of a foreign key to a reference table that a migration adds: called when rows are there that do not keep it.
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = name, TABLE = table_name,
    MESSAGE = format('%s points to rows that the pinned version lacks', table_name);
END $reeve$
