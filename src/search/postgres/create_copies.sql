-- Which indexes' vectors have a copy for pgvector, version 1 (docs/vectors.md): derived from the rows of each ledger, behind the
-- same separation as they are.
CREATE TABLE reeve_search_copies (
  ledger_id uuid NOT NULL,
  name text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  definition text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  chain_hash text COLLATE "C" NOT NULL,
  rows bigint NOT NULL,
  PRIMARY KEY (ledger_id, name)
);
ALTER TABLE reeve_search_copies ENABLE ROW LEVEL SECURITY;
ALTER TABLE reeve_search_copies FORCE ROW LEVEL SECURITY;
CREATE POLICY reeve_tenant ON reeve_search_copies
  USING (ledger_id = nullif(current_setting('reeve.ledger_id', true), '')::uuid)
  WITH CHECK (ledger_id = nullif(current_setting('reeve.ledger_id', true), '')::uuid);
GRANT SELECT ON reeve_search_copies TO reeve_writer, reeve_reader;
GRANT UPDATE ON reeve_search_copies TO reeve_writer;
