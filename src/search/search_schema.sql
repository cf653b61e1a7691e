-- What is kept of search indexes in a SQLite file, version 1 (docs/search.md). All of it is derived from the state.

-- What is left where somebody took a part of it away.
DROP TABLE IF EXISTS reeve_search_documents;
DROP TABLE IF EXISTS reeve_search;

CREATE TABLE reeve_search (
  number INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  definition TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  chain_hash TEXT NOT NULL,
  documents INTEGER NOT NULL,
  words INTEGER NOT NULL,
  next_serial INTEGER NOT NULL
) STRICT;

CREATE TABLE reeve_search_documents (
  number INTEGER NOT NULL,
  key TEXT NOT NULL,
  entry INTEGER NOT NULL,
  PRIMARY KEY (number, key)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX reeve_search_documents_by_entry ON reeve_search_documents (number, entry);
