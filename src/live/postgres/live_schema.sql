-- Values that end by themselves in a schema of PostgreSQL, version 1 (docs/live.md). Times are microseconds since 1970.

-- The version of this layout.
CREATE TABLE IF NOT EXISTS reeve_live (
  format bigint NOT NULL
);

INSERT INTO reeve_live (format) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM reeve_live);

-- That of the last value that was put.
CREATE SEQUENCE IF NOT EXISTS reeve_live_versions;

CREATE TABLE IF NOT EXISTS reeve_live_values (
  key bytea NOT NULL PRIMARY KEY,
  value bytea NOT NULL,
  version bigint NOT NULL,
  ends bigint NOT NULL
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

CREATE INDEX IF NOT EXISTS reeve_live_values_ends ON reeve_live_values (ends);

-- A bucket is full again when `ends` has come, and its row needed no more.
CREATE TABLE IF NOT EXISTS reeve_live_buckets (
  key bytea NOT NULL PRIMARY KEY,
  ends bigint NOT NULL
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

CREATE INDEX IF NOT EXISTS reeve_live_buckets_ends ON reeve_live_buckets (ends);

-- A lease's row outlives it: its generation never comes again.
CREATE TABLE IF NOT EXISTS reeve_live_leases (
  name bytea NOT NULL PRIMARY KEY,
  generation bigint NOT NULL,
  owner bytea NOT NULL,
  ends bigint NOT NULL,
  duration bigint NOT NULL
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

CREATE TABLE IF NOT EXISTS reeve_live_counts (
  key bytea NOT NULL PRIMARY KEY,
  count bigint NOT NULL,
  ends bigint NOT NULL
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

CREATE INDEX IF NOT EXISTS reeve_live_counts_ends ON reeve_live_counts (ends);
