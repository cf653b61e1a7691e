-- The access database in a schema of PostgreSQL, format 1 (docs/secrets.md, docs/access.md). Times are microseconds since 1970;
-- an empty ledger stands for the whole installation. Whoever comes first makes it, the others wait.

SELECT pg_advisory_xact_lock(7305796131);

CREATE SCHEMA IF NOT EXISTS reeve_access;

CREATE TABLE IF NOT EXISTS reeve_access_format (
  format bigint PRIMARY KEY
);

INSERT INTO reeve_access_format (format) VALUES (1) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS reeve_access_keys (
  version bigint PRIMARY KEY,
  purpose text COLLATE "C" NOT NULL CHECK (purpose IN ('secrets', 'rows')),
  master bigint NOT NULL,
  wrapped bytea NOT NULL,
  created bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS reeve_access_secrets (
  ledger text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  key_version bigint NOT NULL REFERENCES reeve_access_keys (version),
  sealed bytea NOT NULL,
  created bigint NOT NULL,
  changed bigint NOT NULL,
  PRIMARY KEY (ledger, name)
);

CREATE INDEX IF NOT EXISTS reeve_access_secrets_key ON reeve_access_secrets (key_version);

CREATE TABLE IF NOT EXISTS reeve_access_tokens (
  id text COLLATE "C" PRIMARY KEY,
  hash bytea NOT NULL,
  label text COLLATE "C" NOT NULL,
  ledgers text COLLATE "C" NOT NULL,
  verbs text COLLATE "C" NOT NULL,
  created bigint NOT NULL,
  expires bigint,
  revoked bigint,
  last_used bigint
);

CREATE TABLE IF NOT EXISTS reeve_access_passwords (
  subject text COLLATE "C" PRIMARY KEY,
  hash text COLLATE "C" NOT NULL,
  changed bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS reeve_access_failures (
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('source', 'subject')),
  name text COLLATE "C" NOT NULL,
  failures bigint NOT NULL,
  last_failed bigint NOT NULL,
  PRIMARY KEY (kind, name)
) WITH (fillfactor = 70);

CREATE INDEX IF NOT EXISTS reeve_access_failures_last ON reeve_access_failures (last_failed);
