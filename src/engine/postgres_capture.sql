-- Rows as they change on PostgreSQL, where the statement itself does not return them. A table of the state has a
-- trigger that calls reeve_capture() (src/sql), which writes each change here; the writer takes it out again before it
-- commits. So no row outlives its transaction, and none is missed when a crash empties an unlogged table.
--
-- before and after are record_send() of the row: the number of columns (int32), then of each in the order of
-- the declaration its type (oid), its length (int32, -1 is NULL) and its bytes in binary format, all
-- big-endian. Dropped columns are not in it. The first column is ledger_id.
CREATE UNLOGGED TABLE reeve_captured (
  ledger_id uuid NOT NULL,
  ordinal bigint GENERATED ALWAYS AS IDENTITY,
  table_name text NOT NULL,
  before bytea,
  after bytea,
  PRIMARY KEY (ledger_id, ordinal)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
        autovacuum_analyze_threshold = 2000000000, autovacuum_vacuum_insert_threshold = -1);

-- Whose statements return what they change, or who brings over rows whose changesets are known already, sets reeve.capture
-- to the transaction's id (postgres_silence.sql). A setting that stands about, such as a role's, silences nothing. Who
-- means to change rows and tell nobody can do that, and the state hash tells it.
CREATE FUNCTION reeve_capture() RETURNS trigger LANGUAGE plpgsql AS $reeve$
BEGIN
  IF current_setting('reeve.capture', true) = pg_current_xact_id_if_assigned()::text THEN
    RETURN NULL;
  END IF;
  IF tg_op = 'UPDATE' THEN
    INSERT INTO reeve_captured (ledger_id, table_name, before, after)
    VALUES (new.ledger_id, tg_table_name, record_send(old), record_send(new));
  ELSIF tg_op = 'INSERT' THEN
    INSERT INTO reeve_captured (ledger_id, table_name, after)
    VALUES (new.ledger_id, tg_table_name, record_send(new));
  ELSE
    INSERT INTO reeve_captured (ledger_id, table_name, before)
    VALUES (old.ledger_id, tg_table_name, record_send(old));
  END IF;
  RETURN NULL;
END
$reeve$;
