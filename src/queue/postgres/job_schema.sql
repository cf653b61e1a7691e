-- Jobs in a PostgreSQL schema, version 1 (docs/jobs.md): those of each ledger behind the same separation as its rows. Times
-- are microseconds since 1970.

CREATE TABLE reeve_jobs (
  ledger_id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  state text COLLATE "C" NOT NULL CHECK (state IN ('ready', 'delayed', 'awaiting', 'blocked', 'running', 'published', 'dead')),
  priority bigint NOT NULL,
  turn bigint NOT NULL,
  due bigint NOT NULL,
  tier text COLLATE "C" NOT NULL,
  unique_key text COLLATE "C",
  waits_for text COLLATE "C",
  arguments text COLLATE "C" NOT NULL,
  attempts bigint NOT NULL DEFAULT 0,
  claims bigint NOT NULL DEFAULT 0,
  cancelled bigint NOT NULL DEFAULT 0,
  enqueued bigint NOT NULL,
  started bigint,
  worker text COLLATE "C" NOT NULL DEFAULT '',
  error text COLLATE "C" NOT NULL DEFAULT '',
  next_sequence bigint,
  next_arguments text COLLATE "C",
  due_moment bigint,
  -- In this order, so that before the table is analyzed no planner takes it for the jobs of a kind instead of reeve_jobs_ready.
  PRIMARY KEY (ledger_id, sequence, kind)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

CREATE INDEX reeve_jobs_ready ON reeve_jobs (ledger_id, kind, priority DESC, turn, sequence) WHERE state = 'ready';

CREATE INDEX reeve_jobs_due ON reeve_jobs (ledger_id, state, due) WHERE state IN ('delayed', 'published', 'running');

CREATE UNIQUE INDEX reeve_jobs_open_key ON reeve_jobs (ledger_id, kind, unique_key)
  WHERE unique_key IS NOT NULL AND state <> 'dead';

CREATE INDEX reeve_jobs_dead_key ON reeve_jobs (ledger_id, kind, unique_key) WHERE state = 'dead';

CREATE INDEX reeve_jobs_blocked ON reeve_jobs (ledger_id, waits_for, unique_key) WHERE state = 'blocked';

CREATE INDEX reeve_jobs_awaiting ON reeve_jobs (ledger_id, due_moment) WHERE state = 'awaiting';

CREATE TABLE reeve_jobs_done (
  ledger_id uuid NOT NULL,
  finished bigint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  outcome text COLLATE "C" NOT NULL CHECK (outcome IN ('completed', 'cancelled')),
  attempts bigint NOT NULL,
  enqueued bigint NOT NULL,
  started bigint,
  worker text COLLATE "C" NOT NULL,
  result text COLLATE "C" NOT NULL,
  PRIMARY KEY (ledger_id, finished, kind, sequence)
);

-- The last turn of each tier, and under '*' the current one.
CREATE TABLE reeve_jobs_turns (
  ledger_id uuid NOT NULL,
  priority bigint NOT NULL,
  tier text COLLATE "C" NOT NULL,
  turn bigint NOT NULL,
  PRIMARY KEY (ledger_id, priority, tier)
);

-- When the next job of a kind with a rate may begin.
CREATE TABLE reeve_jobs_rates (
  ledger_id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,
  next bigint NOT NULL,
  PRIMARY KEY (ledger_id, kind)
);

-- Which slot of a kind with a schedule is next; who moves it makes the job.
CREATE TABLE reeve_jobs_schedules (
  ledger_id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,
  expression text COLLATE "C" NOT NULL,
  next bigint NOT NULL,
  last bigint,
  PRIMARY KEY (ledger_id, kind)
);

-- Kinds of which no job is claimed and no slot made; '*' is all of them.
CREATE TABLE reeve_jobs_paused (
  ledger_id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,
  since bigint NOT NULL,
  PRIMARY KEY (ledger_id, kind)
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['reeve_jobs', 'reeve_jobs_done', 'reeve_jobs_turns', 'reeve_jobs_rates',
                            'reeve_jobs_schedules', 'reeve_jobs_paused'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY reeve_tenant ON %I '
                   'USING (ledger_id = nullif(current_setting(''reeve.ledger_id'', true), '''')::uuid) '
                   'WITH CHECK (ledger_id = nullif(current_setting(''reeve.ledger_id'', true), '''')::uuid)',
                   name);
    EXECUTE format('GRANT SELECT ON %I TO reeve_writer, reeve_reader', name);
    EXECUTE format('GRANT INSERT, UPDATE, DELETE ON %I TO reeve_writer', name);
  END LOOP;
END $$;
