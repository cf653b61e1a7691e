-- The ledger is a library: of one musician, or of those who share it.
CREATE TABLE users (
  user_id uuid PRIMARY KEY,
  email varchar(255) NOT NULL UNIQUE CHECK (length(email) >= 3),
  username varchar(50) NOT NULL UNIQUE CHECK (length(username) >= 1),
  is_active boolean NOT NULL DEFAULT true,
  tier text NOT NULL DEFAULT 'free' CHECK (tier IN ('free', 'plus', 'pro')),
  quota_mb integer NOT NULL DEFAULT 1000 CHECK (quota_mb >= 0),
  used_bytes bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  CHECK (used_bytes >= 0),
  CHECK (used_bytes <= CAST(quota_mb AS bigint) * 1048576)
);

-- One file of a user. What an analysis says of it may be missing; each of it has a confidence.
-- bpm_rounded is the tempo that a search is narrowed by.
CREATE TABLE samples (
  sample_id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  title varchar(255) NOT NULL CHECK (length(title) >= 1),
  file_path text NOT NULL CHECK (length(file_path) >= 1 AND length(file_path) <= 1000),
  content_hash text CHECK (length(content_hash) = 64),
  file_size_bytes bigint NOT NULL CHECK (file_size_bytes >= 0),
  duration_ms integer CHECK (duration_ms >= 0),
  sample_rate integer CHECK (sample_rate > 0),
  bit_depth integer CHECK (bit_depth > 0),
  channels integer NOT NULL DEFAULT 2 CHECK (channels >= 1 AND channels <= 64),
  bpm double precision CHECK (bpm > 0.0 AND bpm <= 1000.0),
  bpm_rounded integer,
  bpm_confidence double precision CHECK (bpm_confidence >= 0.0 AND bpm_confidence <= 1.0),
  musical_key varchar(10),
  key_confidence double precision CHECK (key_confidence >= 0.0 AND key_confidence <= 1.0),
  genre varchar(50),
  genre_confidence double precision CHECK (genre_confidence >= 0.0 AND genre_confidence <= 1.0),
  created_at timestamptz NOT NULL,
  analyzed_at timestamptz,
  last_accessed_at timestamptz,
  UNIQUE (user_id, file_path),
  UNIQUE (sample_id, user_id)
);
CREATE INDEX samples_newest ON samples (user_id, created_at DESC, sample_id);
CREATE INDEX samples_by_genre ON samples (genre, bpm);
CREATE INDEX samples_by_content ON samples (user_id, content_hash);
CREATE INDEX samples_analysed ON samples (user_id, analyzed_at) WHERE analyzed_at IS NOT NULL;

-- Where a file came from.
CREATE TABLE sample_sources (
  sample_id uuid PRIMARY KEY REFERENCES samples (sample_id) ON DELETE CASCADE,
  source_type text NOT NULL CHECK (source_type IN ('upload', 'import', 'download', 'recording')),
  url text,
  artist text,
  album text,
  licence text,
  original_name text,
  batch_id uuid
);
CREATE INDEX sample_sources_by_batch ON sample_sources (batch_id) WHERE batch_id IS NOT NULL;

-- An import of many files: how many it brought, had already, and could not take.
CREATE TABLE batches (
  batch_id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  name text NOT NULL CHECK (length(name) >= 1 AND length(name) <= 300),
  added integer NOT NULL DEFAULT 0 CHECK (added >= 0),
  skipped integer NOT NULL DEFAULT 0 CHECK (skipped >= 0),
  failed integer NOT NULL DEFAULT 0 CHECK (failed >= 0),
  started_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX batches_of_user ON batches (user_id, started_at DESC);
