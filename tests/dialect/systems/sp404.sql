-- A musician's samples.
CREATE TABLE users (
  id bigint PRIMARY KEY,
  email varchar(255) NOT NULL UNIQUE,
  username varchar(50) NOT NULL UNIQUE,
  is_active boolean NOT NULL DEFAULT true,
  tier varchar(20) NOT NULL DEFAULT 'free',
  storage_quota_mb integer NOT NULL DEFAULT 1000,
  storage_used_bytes bigint NOT NULL DEFAULT 0 CHECK (storage_used_bytes >= 0),
  created_at timestamptz NOT NULL
);
CREATE TABLE samples (
  id bigint PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  title varchar(255) NOT NULL,
  file_path text NOT NULL,
  content_hash varchar(64),
  file_size_bytes bigint NOT NULL CHECK (file_size_bytes >= 0),
  duration_ms integer,
  sample_rate integer,
  bit_depth integer,
  channels integer NOT NULL DEFAULT 2,
  bpm real,
  bpm_confidence real CHECK (bpm_confidence BETWEEN 0 AND 1),
  musical_key varchar(10),
  genre varchar(50),
  created_at timestamptz NOT NULL,
  analyzed_at timestamptz,
  last_accessed_at timestamptz,
  UNIQUE (user_id, file_path)
);
CREATE INDEX newest_samples ON samples (user_id, created_at DESC);
CREATE INDEX samples_by_genre ON samples (genre, bpm);
CREATE INDEX analysed_samples ON samples (user_id) WHERE analyzed_at IS NOT NULL;
CREATE TABLE sample_sources (
  sample_id bigint PRIMARY KEY REFERENCES samples (id) ON DELETE CASCADE,
  source_type varchar(20) NOT NULL,
  url text,
  artist text,
  album text,
  licence text,
  original_filename text,
  import_batch text
);
CREATE TABLE vibe_analyses (
  sample_id bigint PRIMARY KEY REFERENCES samples (id) ON DELETE CASCADE,
  energy double precision CHECK (energy BETWEEN 0 AND 1),
  danceability double precision CHECK (danceability >= 0.0 AND danceability <= 1.0),
  acousticness double precision,
  instrumentalness double precision,
  confidence double precision,
  mood_primary varchar(50) NOT NULL,
  mood_secondary varchar(50),
  texture_tags jsonb NOT NULL DEFAULT '[]',
  model_version varchar(50) NOT NULL,
  processing_ms integer
);
CREATE TABLE kits (
  id bigint PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name varchar(100) NOT NULL,
  description text,
  is_public boolean NOT NULL DEFAULT false,
  pad_layout jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE TABLE kit_samples (
  kit_id bigint NOT NULL REFERENCES kits (id) ON DELETE CASCADE,
  pad_bank varchar(1) NOT NULL CHECK (pad_bank >= 'A' AND pad_bank <= 'J'),
  pad_number integer NOT NULL CHECK (pad_number BETWEEN 1 AND 16),
  sample_id bigint NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
  volume double precision NOT NULL DEFAULT 1.0 CHECK (volume BETWEEN 0 AND 1),
  pitch_shift integer NOT NULL DEFAULT 0,
  PRIMARY KEY (kit_id, pad_bank, pad_number)
);
CREATE INDEX kits_of_a_sample ON kit_samples (sample_id);
CREATE TABLE tags (
  id bigint PRIMARY KEY,
  name varchar(50) NOT NULL UNIQUE,
  category varchar(50),
  usage_count integer NOT NULL DEFAULT 0 CHECK (usage_count >= 0)
);
CREATE TABLE sample_tags (
  sample_id bigint NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
  tag_id bigint NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
  PRIMARY KEY (sample_id, tag_id)
);
CREATE TABLE collections (
  id bigint PRIMARY KEY,
  parent_id bigint REFERENCES collections (id) ON DELETE CASCADE,
  name text NOT NULL,
  is_smart boolean NOT NULL DEFAULT false,
  rules jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE processing_queue (
  id bigint PRIMARY KEY,
  sample_id bigint NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
  task_type varchar(30) NOT NULL,
  priority integer NOT NULL DEFAULT 5,
  status varchar(20) NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'processing', 'completed', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  max_attempts integer NOT NULL DEFAULT 3,
  error_message text,
  created_at timestamptz NOT NULL,
  started_at timestamptz,
  completed_at timestamptz,
  CHECK (attempts <= max_attempts)
);
CREATE INDEX pending_tasks ON processing_queue (priority DESC, created_at) WHERE status = 'pending';
CREATE TABLE batches (id bigint PRIMARY KEY, name text NOT NULL, total integer NOT NULL DEFAULT 0, done integer NOT NULL DEFAULT 0);
CREATE TABLE api_usage (
  id bigint PRIMARY KEY,
  day date NOT NULL,
  model text NOT NULL,
  tokens bigint NOT NULL DEFAULT 0,
  cost_micros bigint NOT NULL DEFAULT 0,
  UNIQUE (day, model)
);
CREATE VIEW library AS
SELECT s.id, s.title, u.username, v.mood_primary, v.energy,
  (SELECT count(DISTINCT k.kit_id) FROM kit_samples k WHERE k.sample_id = s.id) AS kits
FROM samples s JOIN users u ON u.id = s.user_id LEFT JOIN vibe_analyses v ON v.sample_id = s.id;
CREATE VIEW storage AS
SELECT u.id, u.storage_quota_mb, u.storage_used_bytes, count(s.id) AS samples, coalesce(sum(s.file_size_bytes), 0) AS stored
FROM users u LEFT JOIN samples s ON s.user_id = u.id GROUP BY u.id, u.storage_quota_mb, u.storage_used_bytes;
