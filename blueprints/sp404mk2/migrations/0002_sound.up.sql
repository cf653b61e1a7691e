-- What a listener would say of a sample.
CREATE TABLE vibe_analyses (
  sample_id uuid PRIMARY KEY REFERENCES samples (sample_id) ON DELETE CASCADE,
  energy double precision CHECK (energy >= 0.0 AND energy <= 1.0),
  danceability double precision CHECK (danceability >= 0.0 AND danceability <= 1.0),
  acousticness double precision CHECK (acousticness >= 0.0 AND acousticness <= 1.0),
  instrumentalness double precision CHECK (instrumentalness >= 0.0 AND instrumentalness <= 1.0),
  confidence double precision CHECK (confidence >= 0.0 AND confidence <= 1.0),
  mood_primary varchar(50) NOT NULL CHECK (length(mood_primary) >= 1),
  mood_secondary varchar(50),
  texture_tags jsonb NOT NULL DEFAULT '[]',
  model_version varchar(50) NOT NULL,
  processing_ms integer CHECK (processing_ms >= 0),
  analyzed_at timestamptz NOT NULL
);

-- The vector of how a sample sounds, made by an analysis of its sound.
CREATE TABLE sound_vectors (
  sample_id uuid PRIMARY KEY REFERENCES samples (sample_id) ON DELETE CASCADE,
  embedding bytea NOT NULL
);

-- Pads of the device: banks A to J, 1 to 16.
CREATE TABLE kits (
  kit_id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  name varchar(100) NOT NULL CHECK (length(name) >= 1),
  description text NOT NULL DEFAULT '',
  is_public boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (user_id, name),
  UNIQUE (kit_id, user_id)
);
-- Kit and sample of a pad are of the same user.
CREATE TABLE kit_samples (
  kit_id uuid NOT NULL,
  user_id uuid NOT NULL,
  pad_bank text NOT NULL CHECK (pad_bank IN ('A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J')),
  pad_number integer NOT NULL CHECK (pad_number >= 1 AND pad_number <= 16),
  sample_id uuid NOT NULL,
  volume double precision NOT NULL DEFAULT 1.0 CHECK (volume >= 0.0 AND volume <= 1.0),
  pitch_shift integer NOT NULL DEFAULT 0 CHECK (pitch_shift >= -24 AND pitch_shift <= 24),
  PRIMARY KEY (kit_id, pad_bank, pad_number),
  FOREIGN KEY (kit_id, user_id) REFERENCES kits (kit_id, user_id) ON DELETE CASCADE,
  FOREIGN KEY (sample_id, user_id) REFERENCES samples (sample_id, user_id) ON DELETE CASCADE
);
CREATE INDEX kit_samples_by_sample ON kit_samples (sample_id, user_id);
CREATE INDEX kit_samples_by_kit ON kit_samples (kit_id, user_id);

CREATE TABLE tags (
  tag_id uuid PRIMARY KEY,
  name varchar(50) NOT NULL UNIQUE CHECK (length(name) >= 1),
  category varchar(50),
  usage_count integer NOT NULL DEFAULT 0 CHECK (usage_count >= 0)
);
CREATE TABLE sample_tags (
  sample_id uuid NOT NULL REFERENCES samples (sample_id) ON DELETE CASCADE,
  tag_id uuid NOT NULL REFERENCES tags (tag_id) ON DELETE CASCADE,
  PRIMARY KEY (sample_id, tag_id)
);
CREATE INDEX sample_tags_by_tag ON sample_tags (tag_id, sample_id);

-- Collections hang in each other. A smart one has rules, and is filled by them in one event.
-- tree: parent_id
CREATE TABLE collections (
  collection_id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  parent_id uuid REFERENCES collections (collection_id) ON DELETE CASCADE,
  name text NOT NULL CHECK (length(name) >= 1 AND length(name) <= 200),
  is_smart boolean NOT NULL DEFAULT false,
  genres jsonb NOT NULL DEFAULT '[]',
  bpm_min double precision CHECK (bpm_min > 0.0),
  bpm_max double precision CHECK (bpm_max > 0.0),
  tags jsonb NOT NULL DEFAULT '[]',
  confidence_min double precision CHECK (confidence_min >= 0.0 AND confidence_min <= 1.0),
  created_at timestamptz NOT NULL,
  refreshed_at timestamptz,
  CHECK (bpm_min IS NULL OR bpm_max IS NULL OR bpm_min <= bpm_max)
);
CREATE INDEX collections_by_parent ON collections (parent_id);
CREATE INDEX collections_of_user ON collections (user_id, name);
CREATE TABLE collection_samples (
  collection_id uuid NOT NULL REFERENCES collections (collection_id) ON DELETE CASCADE,
  sample_id uuid NOT NULL REFERENCES samples (sample_id) ON DELETE CASCADE,
  PRIMARY KEY (collection_id, sample_id)
);
CREATE INDEX collection_samples_by_sample ON collection_samples (sample_id);

-- What models cost, in millionths of a dollar, by day and model.
CREATE TABLE api_usage (
  day date NOT NULL,
  model varchar(100) NOT NULL,
  calls bigint NOT NULL DEFAULT 0 CHECK (calls >= 0),
  tokens bigint NOT NULL DEFAULT 0 CHECK (tokens >= 0),
  cost_micros bigint NOT NULL DEFAULT 0 CHECK (cost_micros >= 0),
  PRIMARY KEY (day, model)
);

-- Each sample with its owner, how it sounds, and in how many kits it is. The query `library` has its tags too.
CREATE VIEW library AS
SELECT s.sample_id, s.user_id, u.username, s.title, s.file_path, s.genre, s.bpm, s.musical_key, s.created_at,
       v.mood_primary, v.energy,
       (SELECT count(DISTINCT k.kit_id) FROM kit_samples k WHERE k.sample_id = s.sample_id) AS kits
FROM samples s
JOIN users u ON u.user_id = s.user_id
LEFT JOIN vibe_analyses v ON v.sample_id = s.sample_id;

-- The books of each user, and what the files say: also of one who has none.
CREATE VIEW storage AS
SELECT u.user_id, u.username, u.quota_mb, u.used_bytes,
       CAST(u.quota_mb AS bigint) * 1048576 - u.used_bytes AS available_bytes,
       (SELECT count(*) FROM samples s WHERE s.user_id = u.user_id) AS samples,
       (SELECT COALESCE(sum(s.file_size_bytes), 0) FROM samples s WHERE s.user_id = u.user_id) AS stored_bytes
FROM users u;
