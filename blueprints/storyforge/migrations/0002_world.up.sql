CREATE TABLE world_entries (
  entry_id uuid PRIMARY KEY,
  story_id uuid NOT NULL REFERENCES stories (story_id) ON DELETE CASCADE,
  entry_type text NOT NULL CHECK (entry_type IN ('character', 'location', 'prop')),
  name text NOT NULL CHECK (length(name) >= 1 AND length(name) <= 200),
  description text NOT NULL DEFAULT '',
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (story_id, name)
);

-- Images of nodes. One whose node is purged, or that is taken from it, is an orphan.
CREATE TABLE assets (
  asset_id uuid PRIMARY KEY,
  story_id uuid NOT NULL REFERENCES stories (story_id) ON DELETE CASCADE,
  node_id uuid REFERENCES nodes (node_id) ON DELETE SET NULL,
  file text NOT NULL CHECK (length(file) >= 1 AND length(file) <= 1000),
  media_type text NOT NULL CHECK (length(media_type) >= 1 AND length(media_type) <= 100),
  bytes bigint NOT NULL CHECK (bytes >= 0),
  sha256 text NOT NULL CHECK (length(sha256) = 64),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (story_id, file)
);
CREATE INDEX assets_by_node ON assets (node_id);

CREATE VIEW orphaned_assets AS
SELECT a.asset_id, a.story_id, a.node_id, a.file, a.bytes, a.created_at
FROM assets a WHERE a.node_id IS NULL;
