-- What a SQLite file has for jobs besides jobs_table.sql, version 1 (docs/jobs.md). Times are microseconds since 1970.

CREATE TABLE reeve_jobs_done (
  finished INTEGER NOT NULL,
  kind TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('completed', 'cancelled')),
  attempts INTEGER NOT NULL,
  enqueued INTEGER NOT NULL,
  started INTEGER,
  worker TEXT NOT NULL,
  result TEXT NOT NULL,
  PRIMARY KEY (finished, kind, sequence)
) STRICT, WITHOUT ROWID;

-- The last turn of each tier, and under '*' the current one.
CREATE TABLE reeve_jobs_turns (
  priority INTEGER NOT NULL,
  tier TEXT NOT NULL,
  turn INTEGER NOT NULL,
  PRIMARY KEY (priority, tier)
) STRICT, WITHOUT ROWID;

-- When the next job of a kind with a rate may begin.
CREATE TABLE reeve_jobs_rates (
  kind TEXT NOT NULL PRIMARY KEY,
  next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which slot of a kind with a schedule is next; who moves it makes the job.
CREATE TABLE reeve_jobs_schedules (
  kind TEXT NOT NULL PRIMARY KEY,
  expression TEXT NOT NULL,
  next INTEGER NOT NULL,
  last INTEGER
) STRICT, WITHOUT ROWID;

-- Kinds of which no job is claimed and no slot made; '*' is all of them.
CREATE TABLE reeve_jobs_paused (
  kind TEXT NOT NULL PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
