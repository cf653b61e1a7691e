-- Branching stories.
CREATE EXTENSION vector;
CREATE TABLE stories (
  id uuid PRIMARY KEY,
  title text NOT NULL UNIQUE,
  genre text,
  description text,
  status text NOT NULL DEFAULT 'draft',
  context_depth integer NOT NULL DEFAULT 5 CHECK (context_depth BETWEEN 1 AND 20),
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE TABLE nodes (
  id uuid PRIMARY KEY,
  story_id uuid NOT NULL REFERENCES stories (id) ON DELETE CASCADE,
  parent_id uuid,
  content text NOT NULL CHECK (length(trim(content)) > 0),
  summary text,
  node_type text NOT NULL CHECK (node_type IN ('root', 'scene', 'choice')),
  choice_text text,
  metadata jsonb NOT NULL DEFAULT '{}',
  version integer NOT NULL DEFAULT 1,
  deleted_at timestamptz,
  created_at timestamptz NOT NULL,
  UNIQUE (story_id, id),
  FOREIGN KEY (story_id, parent_id) REFERENCES nodes (story_id, id) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED,
  CHECK ((node_type = 'root') = (parent_id IS NULL)),
  CHECK (parent_id <> id)
);
CREATE INDEX nodes_by_story ON nodes (story_id, created_at DESC);
CREATE INDEX nodes_by_parent ON nodes (parent_id);
CREATE UNIQUE INDEX one_root ON nodes (story_id) WHERE node_type = 'root';
CREATE TABLE current_leaves (
  story_id uuid PRIMARY KEY REFERENCES stories (id) ON DELETE CASCADE,
  node_id uuid NOT NULL,
  FOREIGN KEY (story_id, node_id) REFERENCES nodes (story_id, id)
);
CREATE TABLE world_entries (
  id uuid PRIMARY KEY,
  story_id uuid NOT NULL REFERENCES stories (id) ON DELETE CASCADE,
  entry_type text NOT NULL CHECK (entry_type IN ('character', 'location', 'prop')),
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  version integer NOT NULL DEFAULT 1,
  UNIQUE (story_id, name)
);
CREATE TABLE embeddings (
  node_id uuid PRIMARY KEY REFERENCES nodes (id) ON DELETE CASCADE,
  vector bytea,
  model text NOT NULL,
  model_version text NOT NULL,
  text_hash text NOT NULL,
  status text NOT NULL DEFAULT 'stale' CHECK (status IN ('fresh', 'stale', 'failed'))
);
CREATE INDEX stale_embeddings ON embeddings (node_id) WHERE status <> 'fresh';
CREATE TABLE assets (
  id uuid PRIMARY KEY,
  node_id uuid REFERENCES nodes (id) ON DELETE SET NULL,
  path text NOT NULL UNIQUE
);
CREATE VIEW leaves AS
SELECT n.id, n.story_id FROM nodes n WHERE NOT EXISTS (SELECT 1 FROM nodes c WHERE c.parent_id = n.id);
