-- Reeve's own tables in a SQLite file, format 1 (docs/journal_format.md). Any SQLite tool can read them.

CREATE TABLE reeve_meta (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE reeve_events (
  sequence INTEGER NOT NULL PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  version INTEGER NOT NULL,
  time TEXT NOT NULL,
  moment ANY,
  actor TEXT NOT NULL,
  command TEXT,
  key TEXT,
  request_hash TEXT,
  span INTEGER NOT NULL,
  payload TEXT NOT NULL
) STRICT;

CREATE INDEX reeve_events_by_moment ON reeve_events (moment);

CREATE INDEX reeve_events_by_actor ON reeve_events (actor);

CREATE UNIQUE INDEX reeve_events_by_key ON reeve_events (key) WHERE key IS NOT NULL;

CREATE TABLE reeve_groups (
  last_sequence INTEGER NOT NULL PRIMARY KEY,
  first_sequence INTEGER NOT NULL,
  chain_hash TEXT NOT NULL,
  state_hash TEXT NOT NULL,
  chain BLOB NOT NULL,
  changesets BLOB NOT NULL
) STRICT;

CREATE TABLE reeve_epochs (
  epoch INTEGER NOT NULL PRIMARY KEY,
  first_sequence INTEGER NOT NULL,
  level INTEGER NOT NULL,
  sources_hash TEXT NOT NULL
) STRICT;

CREATE TABLE reeve_epoch_files (
  sources_hash TEXT NOT NULL,
  path TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  PRIMARY KEY (sources_hash, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE reeve_sources (
  content_hash TEXT NOT NULL PRIMARY KEY,
  content TEXT NOT NULL
) STRICT;

CREATE TABLE reeve_sums (
  table_name TEXT NOT NULL PRIMARY KEY,
  sequence INTEGER NOT NULL,
  sum BLOB NOT NULL
) STRICT;
