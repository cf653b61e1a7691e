CREATE TEMP TABLE adopted_log (
  position INTEGER NOT NULL, source TEXT NOT NULL UNIQUE CHECK (source <> ''), time TEXT, data TEXT NOT NULL, UNIQUE (position)
) STRICT;
CREATE TEMP TABLE adopted_events (
  position INTEGER NOT NULL, place INTEGER NOT NULL, type TEXT NOT NULL, version INTEGER, actor TEXT, time TEXT,
  payload TEXT NOT NULL
) STRICT;
CREATE TEMP TABLE adopted_irregularities (
  code TEXT NOT NULL, "table" TEXT, "row" TEXT, field TEXT, value TEXT, done TEXT NOT NULL
) STRICT;
CREATE TEMP TABLE adopted_claims (
  "table" TEXT NOT NULL, "key" TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL
) STRICT;
