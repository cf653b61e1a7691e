-- The ledger is the workshop of one author, or of those who share it.
CREATE TABLE stories (
  story_id uuid PRIMARY KEY,
  owner text NOT NULL CHECK (length(owner) >= 1 AND length(owner) <= 200),
  title text NOT NULL CHECK (length(title) >= 1 AND length(title) <= 300),
  genre text NOT NULL DEFAULT '' CHECK (length(genre) <= 100),
  description text NOT NULL DEFAULT '',
  status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'active', 'finished', 'archived')),
  context_depth integer NOT NULL DEFAULT 5 CHECK (context_depth >= 1 AND context_depth <= 20),
  metadata jsonb NOT NULL DEFAULT '{}',
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (owner, title)
);

-- A tree for each story: one root, and every other node on a parent of the same story. A deleted node keeps its
-- place until it is purged; pruned_by is the event that deleted it, with what hung on it.
-- tree: parent_id
CREATE TABLE nodes (
  node_id uuid PRIMARY KEY,
  story_id uuid NOT NULL REFERENCES stories (story_id) ON DELETE CASCADE,
  parent_id uuid,
  node_type text NOT NULL CHECK (node_type IN ('root', 'scene', 'choice')),
  content text NOT NULL CHECK (length(content) >= 1),
  summary text,
  summary_is_stale boolean NOT NULL DEFAULT false,
  choice_text text,
  metadata jsonb NOT NULL DEFAULT '{}',
  version integer NOT NULL DEFAULT 1,
  deleted_at timestamptz,
  is_deleted boolean NOT NULL GENERATED ALWAYS AS (deleted_at IS NOT NULL) STORED,
  pruned_by uuid,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (story_id, node_id),
  FOREIGN KEY (story_id, parent_id) REFERENCES nodes (story_id, node_id),
  CHECK ((node_type = 'root') = (parent_id IS NULL)),
  CHECK (parent_id <> node_id),
  CHECK ((deleted_at IS NULL) = (pruned_by IS NULL)),
  CHECK (summary IS NOT NULL OR NOT summary_is_stale)
);
CREATE UNIQUE INDEX nodes_root ON nodes (story_id) WHERE node_type = 'root';
CREATE INDEX nodes_by_parent ON nodes (parent_id, created_at, node_id);
CREATE INDEX nodes_by_story_and_parent ON nodes (story_id, parent_id);
CREATE INDEX nodes_newest ON nodes (story_id, created_at DESC, node_id) WHERE deleted_at IS NULL;
CREATE INDEX nodes_pruned ON nodes (pruned_by) WHERE pruned_by IS NOT NULL;
CREATE INDEX nodes_with_stale_summary ON nodes (story_id, node_id) WHERE summary_is_stale;

-- Where the reader of a story is: a node of the same story.
CREATE TABLE current_leaves (
  story_id uuid PRIMARY KEY REFERENCES stories (story_id) ON DELETE CASCADE,
  node_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  FOREIGN KEY (node_id, story_id) REFERENCES nodes (node_id, story_id) ON DELETE CASCADE
);
CREATE INDEX current_leaves_by_node ON current_leaves (node_id, story_id);
