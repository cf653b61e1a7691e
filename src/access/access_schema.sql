-- The access database in a SQLite file, format 1 (docs/secrets.md, docs/access.md). Times are microseconds since 1970; an empty
-- ledger stands for the whole installation.

CREATE TABLE reeve_access_format (
  format INTEGER NOT NULL PRIMARY KEY
) STRICT;

INSERT INTO reeve_access_format (format) VALUES (1);

CREATE TABLE reeve_access_keys (
  version INTEGER NOT NULL PRIMARY KEY,
  purpose TEXT NOT NULL CHECK (purpose IN ('secrets', 'rows')),
  master INTEGER NOT NULL,
  wrapped BLOB NOT NULL,
  created INTEGER NOT NULL
) STRICT;

CREATE TABLE reeve_access_secrets (
  ledger TEXT NOT NULL,
  name TEXT NOT NULL,
  key_version INTEGER NOT NULL REFERENCES reeve_access_keys (version),
  sealed BLOB NOT NULL,
  created INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  PRIMARY KEY (ledger, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX reeve_access_secrets_key ON reeve_access_secrets (key_version);

CREATE TABLE reeve_access_tokens (
  id TEXT NOT NULL PRIMARY KEY,
  hash BLOB NOT NULL,
  label TEXT NOT NULL,
  ledgers TEXT NOT NULL,
  verbs TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER,
  revoked INTEGER,
  last_used INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE reeve_access_passwords (
  subject TEXT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL,
  changed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE reeve_access_failures (
  kind TEXT NOT NULL CHECK (kind IN ('source', 'subject')),
  name TEXT NOT NULL,
  failures INTEGER NOT NULL,
  last_failed INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX reeve_access_failures_last ON reeve_access_failures (last_failed);
