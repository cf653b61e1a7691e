-- Both engines: SQLite numbers $1 to $6 as they come.
INSERT INTO reeve_migrations (version, name, checksum, meaning, applied_at, finished)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (version) DO UPDATE SET name = excluded.name, checksum = excluded.checksum, meaning = excluded.meaning,
  applied_at = excluded.applied_at, finished = excluded.finished
