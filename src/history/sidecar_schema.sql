-- What is derived from a ledger's journal for speed, format 1 (docs/history.md). It may be removed at any time.

CREATE TABLE history_meta (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE history_touches (
  row INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  columns INTEGER NOT NULL,
  PRIMARY KEY (row, sequence)
) STRICT, WITHOUT ROWID;
