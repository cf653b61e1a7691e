CREATE OR REPLACE FUNCTION reeve_check_reference() RETURNS trigger LANGUAGE plpgsql AS $reeve$
-- Keeps a foreign key to a reference table: TG_ARGV is its name, and a query over the row ($1) that answers whether
-- the version that the row's ledger has pinned lacks what the row points to.
DECLARE
  missing boolean;
BEGIN
  EXECUTE TG_ARGV[1] INTO missing USING NEW;
  IF missing THEN
    RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = TG_ARGV[0], TABLE = TG_TABLE_NAME,
      MESSAGE = format('%s points to no row of the pinned version', TG_TABLE_NAME);
  END IF;
  RETURN NULL;
END $reeve$
