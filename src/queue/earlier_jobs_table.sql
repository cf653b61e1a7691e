-- reeve_jobs of a SQLite file as it was made at first, which is read, verified and replaced by jobs_table.sql when it is written. SQLite
-- makes a table of the values of an IN for each row that it checks.

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
