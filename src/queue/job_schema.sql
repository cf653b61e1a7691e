-- Jobs in a SQLite file, version 1 (docs/jobs.md). Times are microseconds since 1970.

CREATE TABLE reeve_jobs (
  kind TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ready', 'delayed', 'awaiting', 'blocked', 'running', 'published', 'dead')),
  priority INTEGER NOT NULL,
  turn INTEGER NOT NULL,
  due INTEGER NOT NULL,
  tier TEXT NOT NULL,
  unique_key TEXT,
  waits_for TEXT,
  arguments TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  claims INTEGER NOT NULL DEFAULT 0,
  cancelled INTEGER NOT NULL DEFAULT 0,
  enqueued INTEGER NOT NULL,
  started INTEGER,
  worker TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT '',
  next_sequence INTEGER,
  next_arguments TEXT,
  due_moment INTEGER,
  PRIMARY KEY (kind, sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX reeve_jobs_ready ON reeve_jobs (kind, priority DESC, turn, sequence) WHERE state = 'ready';

CREATE INDEX reeve_jobs_due ON reeve_jobs (state, due) WHERE state IN ('delayed', 'published', 'running');

CREATE UNIQUE INDEX reeve_jobs_open_key ON reeve_jobs (kind, unique_key) WHERE unique_key IS NOT NULL AND state <> 'dead';

CREATE INDEX reeve_jobs_dead_key ON reeve_jobs (kind, unique_key) WHERE state = 'dead';

CREATE INDEX reeve_jobs_blocked ON reeve_jobs (waits_for, unique_key) WHERE state = 'blocked';

CREATE INDEX reeve_jobs_awaiting ON reeve_jobs (due_moment) WHERE state = 'awaiting';

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
