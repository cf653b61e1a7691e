-- Added to files that were made before there were layouts, too: derived from the sources (docs/journal_format.md).
CREATE TABLE reeve_layouts (
  sources_hash TEXT NOT NULL,
  level INTEGER NOT NULL,
  layout TEXT NOT NULL,
  PRIMARY KEY (sources_hash, level)
) STRICT, WITHOUT ROWID;
