-- What a checkpoint holds beside the tables of the state (docs/history.md): the sums of its state hash.
CREATE TABLE IF NOT EXISTS reeve_sums (
  table_name TEXT NOT NULL PRIMARY KEY,
  sequence INTEGER NOT NULL,
  sum BLOB NOT NULL
) STRICT;
