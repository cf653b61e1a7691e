-- What was applied of a folder that was made for another tool (docs/migration_folders.md). Both engines take it.
CREATE TABLE IF NOT EXISTS reeve_migrations (
  version bigint NOT NULL PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL,
  meaning text NOT NULL,
  applied_at text,
  finished bigint NOT NULL CHECK (finished IN (0, 1))
);
