CREATE OR REPLACE FUNCTION reeve_check_tree() RETURNS trigger LANGUAGE plpgsql AS $reeve$
-- Keeps a table's rows a tree: TG_ARGV is what is said of one that hangs on itself, and a query over the row ($1) that
-- answers whether it does.
DECLARE
  hangs_on_itself boolean;
BEGIN
  EXECUTE TG_ARGV[1] INTO hangs_on_itself USING NEW;
  IF hangs_on_itself THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, MESSAGE = TG_ARGV[0];
  END IF;
  RETURN NULL;
END $reeve$
