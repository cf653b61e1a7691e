-- Names that are unique across the ledgers of a folder, format 1 (docs/names.md).

CREATE TABLE reeve_names (
  hash text PRIMARY KEY,
  scope text NOT NULL,
  holder text NOT NULL,
  confirmed integer NOT NULL CHECK (confirmed IN (0, 1)),
  ends integer CHECK (ends IS NOT NULL OR confirmed = 1),
  version text NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX reeve_names_by_holder ON reeve_names (holder, scope, hash);
