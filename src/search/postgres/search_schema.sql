-- What is kept of search indexes in a PostgreSQL schema, version 1 (docs/search.md): derived from the rows of each ledger, behind
-- the same separation as they are.

CREATE TABLE reeve_search (
  ledger_id uuid NOT NULL,
  number bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  definition text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  chain_hash text COLLATE "C" NOT NULL,
  documents bigint NOT NULL,
  words bigint NOT NULL,
  next_serial bigint NOT NULL,
  PRIMARY KEY (ledger_id, number),
  UNIQUE (ledger_id, name)
);

CREATE TABLE reeve_search_documents (
  ledger_id uuid NOT NULL,
  number bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  entry bigint NOT NULL,
  terms text[] COLLATE "C" NOT NULL,
  PRIMARY KEY (ledger_id, number, key),
  UNIQUE (ledger_id, number, entry)
);

CREATE TABLE reeve_search_postings (
  ledger_id uuid NOT NULL,
  number bigint NOT NULL,
  term text COLLATE "C" NOT NULL,
  entry bigint NOT NULL,
  places bytea NOT NULL,
  PRIMARY KEY (ledger_id, number, term, entry)
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['reeve_search', 'reeve_search_documents', 'reeve_search_postings'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY reeve_tenant ON %I '
                   'USING (ledger_id = nullif(current_setting(''reeve.ledger_id'', true), '''')::uuid) '
                   'WITH CHECK (ledger_id = nullif(current_setting(''reeve.ledger_id'', true), '''')::uuid)',
                   name);
    EXECUTE format('GRANT SELECT ON %I TO reeve_writer, reeve_reader', name);
    EXECUTE format('GRANT INSERT, UPDATE, DELETE ON %I TO reeve_writer', name);
  END LOOP;
END $$;
