-- Values that end by themselves in a SQLite file, version 1 (docs/live.md). Times are microseconds since 1970.

-- The version of this layout, and that of the last value that was put.
CREATE TABLE IF NOT EXISTS reeve_live (
  format INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;

INSERT INTO reeve_live (format, version) SELECT 1, 0 WHERE NOT EXISTS (SELECT 1 FROM reeve_live);

CREATE TABLE IF NOT EXISTS reeve_live_values (
  key BLOB NOT NULL PRIMARY KEY,
  value BLOB NOT NULL,
  version INTEGER NOT NULL,
  ends INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS reeve_live_values_ends ON reeve_live_values (ends);

-- A bucket is full again when `ends` has come, and its row needed no more.
CREATE TABLE IF NOT EXISTS reeve_live_buckets (
  key BLOB NOT NULL PRIMARY KEY,
  ends INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS reeve_live_buckets_ends ON reeve_live_buckets (ends);

-- A lease's row outlives it: its generation never comes again.
CREATE TABLE IF NOT EXISTS reeve_live_leases (
  name BLOB NOT NULL PRIMARY KEY,
  generation INTEGER NOT NULL,
  owner BLOB NOT NULL,
  ends INTEGER NOT NULL,
  duration INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS reeve_live_counts (
  key BLOB NOT NULL PRIMARY KEY,
  count INTEGER NOT NULL,
  ends INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS reeve_live_counts_ends ON reeve_live_counts (ends);
