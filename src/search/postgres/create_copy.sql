-- The table of a copy: its number, the schema of pgvector, the dimensions. It is of one ledger, and its name does not say of which.
CREATE TABLE reeve_vectors_{0} (
  ledger_id uuid NOT NULL,
  key text COLLATE "C" NOT NULL,
  embedding {1}.vector({2}) NOT NULL,
  PRIMARY KEY (ledger_id, key)
);
ALTER TABLE reeve_vectors_{0} ENABLE ROW LEVEL SECURITY;
ALTER TABLE reeve_vectors_{0} FORCE ROW LEVEL SECURITY;
CREATE POLICY reeve_tenant ON reeve_vectors_{0}
  USING (ledger_id = nullif(current_setting('reeve.ledger_id', true), '')::uuid)
  WITH CHECK (ledger_id = nullif(current_setting('reeve.ledger_id', true), '')::uuid);
GRANT SELECT ON reeve_vectors_{0} TO reeve_writer, reeve_reader;
GRANT INSERT, DELETE ON reeve_vectors_{0} TO reeve_writer;
